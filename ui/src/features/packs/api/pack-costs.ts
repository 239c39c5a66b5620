import { useQuery } from "@tanstack/react-query";
import { answer, api, listAll, pageSize } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";
import type { CollectionCost } from "@/lib/api/types";

/** What the queries of packs cost on the agents of the tenant and below, by collection. */
export function usePackCosts(tenant: string) {
  return useQuery({
    queryKey: [tenant, "pack-costs"],
    queryFn: async ({ signal }) => {
      const costs = await listAll((cursor) =>
        answer(
          api.GET("/api/v1/collection-costs", {
            params: { query: { ...tenantScope(tenant), prefix: "pack:", limit: pageSize, cursor } },
            signal,
          }),
        ),
      );
      return new Map(costs.items.map((cost): [string, CollectionCost] => [cost.collection, cost]));
    },
    staleTime: 30_000,
  });
}
