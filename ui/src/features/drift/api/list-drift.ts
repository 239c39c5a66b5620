import { useQuery } from "@tanstack/react-query";
import { answer, api, listAll, pageSize } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";

/** What changed on machines of the tenant and below since a time, youngest first. */
export function useDrift(tenant: string, from: string, collection: string | undefined) {
  return useQuery({
    queryKey: [tenant, "drift", "list", from, collection],
    queryFn: ({ signal }) =>
      listAll((cursor) =>
        answer(
          api.GET("/api/v1/drift", {
            params: { query: { ...tenantScope(tenant), from, collection, limit: pageSize, cursor } },
            signal,
          }),
        ),
      ),
    refetchInterval: 60_000,
  });
}

/** The youngest changes, for a panel. */
export function useLatestDrift(tenant: string, enabled: boolean) {
  return useQuery({
    queryKey: [tenant, "drift", "latest"],
    enabled,
    queryFn: async ({ signal }) => {
      const { items } = await answer(
        api.GET("/api/v1/drift", { params: { query: { ...tenantScope(tenant), limit: 8 } }, signal }),
      );
      return items ?? [];
    },
    refetchInterval: 60_000,
  });
}
