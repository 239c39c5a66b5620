import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { answer, api, listAll, pageSize } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";

/** How the tenant and those below it stand against their plans. */
export function useUsage(tenant: string) {
  return useQuery({
    queryKey: [tenant, "usage", "now"],
    queryFn: ({ signal }) =>
      listAll((cursor) =>
        answer(
          api.GET("/api/v1/usage", {
            params: { query: { ...tenantScope(tenant), limit: pageSize, cursor } },
            signal,
          }),
        ),
      ),
  });
}

/** What was used by day or month, the youngest first, page by page. */
export function useUsageHistory(tenant: string, by: "day" | "month") {
  return useInfiniteQuery({
    queryKey: [tenant, "usage", "history", by],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET("/api/v1/usage/history", {
          params: { query: { ...tenantScope(tenant), by, limit: pageSize, cursor: pageParam } },
          signal,
        }),
      ),
    getNextPageParam: ({ next_cursor }) => next_cursor,
  });
}
