import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantOnly, tenantScope } from "@/lib/api/tenant-scope";

const pageSize = 200;

/** What was sent, is being tried, failed or was held back, newest first. */
export function useNotifications(tenant: string) {
  return useInfiniteQuery({
    queryKey: [tenant, "notifications", "list"],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET("/api/v1/notifications", {
          params: { query: { ...tenantScope(tenant), limit: pageSize, cursor: pageParam } },
          signal,
        }),
      ),
    getNextPageParam: ({ next_cursor }) => next_cursor,
  });
}

export function useNotification(tenant: string, id: string) {
  return useQuery({
    queryKey: [tenant, "notifications", "one", id],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/notifications/{id}", {
          params: { path: { id }, query: tenantScope(tenant) },
          signal,
        }),
      ),
  });
}

/** Sends a notification again, as a new entry that names the first. */
export function useReplay(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answer(
        api.POST("/api/v1/notifications/{id}/replay", {
          params: { path: { id }, query: tenantOnly(tenant) },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "notifications"] }),
  });
}
