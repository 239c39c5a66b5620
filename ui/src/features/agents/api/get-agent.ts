import { queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";

export function agentQuery(tenant: string, id: string) {
  return queryOptions({
    queryKey: [tenant, "agents", id],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/agents/{id}", { params: { path: { id }, query: tenantScope(tenant) }, signal }),
      ),
  });
}

export function useAgent(tenant: string, id: string) {
  return useQuery(agentQuery(tenant, id));
}
