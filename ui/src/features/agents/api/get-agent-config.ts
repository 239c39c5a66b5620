import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";

/** What an agent is to do, where each part of it comes from, and whether it has arrived. */
export function useAgentConfig(tenant: string, id: string) {
  return useQuery({
    queryKey: [tenant, "agents", "config", id],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/agent-config/{id}", {
          params: { path: { id }, query: tenantScope(tenant) },
          signal,
        }),
      ),
  });
}
