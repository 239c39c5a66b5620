import { queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api, listAll, pageSize } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";

/** Every agent of the tenant and below: one roster feeds the list, the target picker and the palette without asking again. */
export function agentsQuery(tenant: string) {
  return queryOptions({
    queryKey: [tenant, "agents", "roster"],
    queryFn: ({ signal }) =>
      listAll((cursor) =>
        answer(
          api.GET("/api/v1/agents", {
            params: { query: { ...tenantScope(tenant), limit: pageSize, cursor } },
            signal,
          }),
        ),
      ),
    staleTime: 30_000,
  });
}

export function useAgents(tenant: string, enabled = true) {
  return useQuery({ ...agentsQuery(tenant), enabled });
}
