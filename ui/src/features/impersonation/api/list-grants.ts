import { useQuery } from "@tanstack/react-query";
import { answer, api, listAll, pageSize } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";

/** Who acted in the tenant and below from above, the newest first. */
export function useGrants(tenant: string) {
  return useQuery({
    queryKey: [tenant, "grants", "all"],
    queryFn: ({ signal }) =>
      listAll((cursor) =>
        answer(
          api.GET("/api/v1/impersonations", {
            params: { query: { ...tenantScope(tenant), limit: pageSize, cursor } },
            signal,
          }),
        ),
      ),
  });
}

/** Who acts in the tenant or below now. */
export function useLiveGrants(tenant: string, enabled: boolean) {
  return useQuery({
    queryKey: [tenant, "grants", "live"],
    enabled,
    queryFn: async ({ signal }) => {
      const { items } = await answer(
        api.GET("/api/v1/impersonations", {
          params: { query: { ...tenantScope(tenant), live: true } },
          signal,
        }),
      );
      return items ?? [];
    },
    // A grant also ends by time, of which no event tells.
    refetchInterval: 60_000,
  });
}
