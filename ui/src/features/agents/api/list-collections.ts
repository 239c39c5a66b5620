import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";

/** What the agent reports: each scheduled query with its rows and when they last arrived. */
export function useCollections(tenant: string, id: string) {
  return useQuery({
    queryKey: [tenant, "agents", id, "collections"],
    queryFn: async ({ signal }) => {
      const { items } = await answer(
        api.GET("/api/v1/agents/{id}/collections", {
          params: { path: { id }, query: tenantScope(tenant) },
          signal,
        }),
      );
      return items ?? [];
    },
  });
}
