import { useInfiniteQuery } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";

const pageSize = 200;

/** What changed on the agent, newest first. */
export function useAgentDrift(tenant: string, id: string) {
  return useInfiniteQuery({
    queryKey: [tenant, "drift", "agent", id],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET("/api/v1/drift", {
          params: { query: { ...tenantScope(tenant), agent_id: id, limit: pageSize, cursor: pageParam } },
          signal,
        }),
      ),
    getNextPageParam: ({ next_cursor }) => next_cursor,
  });
}
