import { useInfiniteQuery } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantOnly } from "@/lib/api/tenant-scope";

/** Entries of a page: enough for a screen, few enough to come at once. */
const pageSize = 200;

export interface AuditFilter {
  action?: string;
  actor?: string;
  object?: string;
  since?: string;
  until?: string;
  /** What was done with a leave to act from above. */
  msp_scope_token?: string;
}

/** What was done in the tenant, newest first, page by page. */
export function useAudit(tenant: string, filter: AuditFilter) {
  return useInfiniteQuery({
    queryKey: [tenant, "audit", filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET("/api/v1/audit", {
          params: { query: { ...tenantOnly(tenant), ...filter, limit: pageSize, cursor: pageParam } },
          signal,
        }),
      ),
    getNextPageParam: ({ next_cursor }) => next_cursor,
  });
}
