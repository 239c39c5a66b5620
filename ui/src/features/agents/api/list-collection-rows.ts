import { useQuery } from "@tanstack/react-query";
import { answer, api, pageSize } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";
import { ColumnStore, toValue } from "@/lib/grid/column-store";

/** Rows read at most: a collection beyond it is asked with SQL. */
const rowLimit = 10_000;

export interface CollectionTable {
  store: ColumnStore;
  complete: boolean;
}

/** The rows of a collection as they are now, as columns. */
export function useCollectionRows(tenant: string, id: string, name: string) {
  return useQuery({
    queryKey: [tenant, "agents", id, "collections", name],
    queryFn: async ({ signal }): Promise<CollectionTable> => {
      const store = new ColumnStore();
      let cursor: string | undefined;
      do {
        const page = await answer(
          api.GET("/api/v1/agents/{id}/collections/{collection}/rows", {
            params: {
              path: { id, collection: name },
              query: { ...tenantScope(tenant), limit: pageSize, cursor },
            },
            signal,
          }),
        );
        const rows = (page.rows ?? []).map((cells) => (cells ?? []).map(toValue));
        store.append(page.columns ?? [], rows);
        cursor = page.next_cursor;
      } while (cursor && store.length < rowLimit);
      return { store, complete: !cursor };
    },
    // Columns are a class of their own, which structural comparison cannot look into.
    structuralSharing: false,
  });
}
