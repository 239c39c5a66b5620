import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";

export interface Sides {
  collection: string;
  agent: string;
  /** Another agent; the same at two times when absent. */
  other?: string;
  /** As of these times; now when absent. */
  from?: string;
  to?: string;
}

/** What differs in a collection between two times or two agents; null sides ask nothing. */
export function useComparison(tenant: string, sides: Sides | null) {
  return useQuery({
    queryKey: [tenant, "drift", "compare", sides],
    enabled: sides !== null,
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/drift/compare", {
          params: {
            query: {
              ...tenantScope(tenant),
              collection: sides?.collection ?? "",
              agent_id: sides?.agent ?? "",
              other_agent_id: sides?.other,
              from: sides?.from,
              to: sides?.to,
            },
          },
          signal,
        }),
      ),
  });
}

/** What few machines have in a collection, the rarest first. */
export function useRare(tenant: string, collection: string | undefined, most: number) {
  return useQuery({
    queryKey: [tenant, "drift", "rare", collection, most],
    enabled: collection !== undefined,
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/drift/rare", {
          params: { query: { ...tenantScope(tenant), collection: collection ?? "", most, limit: 500 } },
          signal,
        }),
      ),
  });
}
