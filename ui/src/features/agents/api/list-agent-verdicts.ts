import { useQuery } from "@tanstack/react-query";
import { answer, api, listAll, pageSize } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";

/** What each check says of the agent. */
export function useAgentVerdicts(tenant: string, id: string) {
  return useQuery({
    queryKey: [tenant, "compliance", "agent", id],
    queryFn: ({ signal }) =>
      listAll((cursor) =>
        answer(
          api.GET("/api/v1/compliance/verdicts", {
            params: { query: { ...tenantScope(tenant), agent_id: id, limit: pageSize, cursor } },
            signal,
          }),
        ),
      ),
  });
}
