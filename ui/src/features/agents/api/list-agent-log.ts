import { useInfiniteQuery } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";

const pageSize = 200;

/** What the agent told of its own work, newest first. */
export function useAgentLog(tenant: string, id: string) {
  return useInfiniteQuery({
    queryKey: [tenant, "agents", id, "log"],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET("/api/v1/agents/{id}/log", {
          params: { path: { id }, query: { ...tenantScope(tenant), limit: pageSize, cursor: pageParam } },
          signal,
        }),
      ),
    getNextPageParam: ({ next_cursor }) => next_cursor,
  });
}
