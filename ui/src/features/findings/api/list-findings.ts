import { queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api, listAll, pageSize } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";
import type { FindingState } from "@/lib/api/types";

export interface FindingFilter {
  state: FindingState;
  agent?: string;
  check?: string;
}

/** Findings of one state, of the tenant and below. */
export function findingsQuery(tenant: string, { state, agent, check }: FindingFilter) {
  return queryOptions({
    queryKey: [tenant, "findings", "list", { state, agent, check }],
    queryFn: ({ signal }) =>
      listAll((cursor) =>
        answer(
          api.GET("/api/v1/findings", {
            params: {
              query: { ...tenantScope(tenant), state, agent_id: agent, check, limit: pageSize, cursor },
            },
            signal,
          }),
        ),
      ),
  });
}

export function useFindings(tenant: string, filter: FindingFilter) {
  return useQuery(findingsQuery(tenant, filter));
}
