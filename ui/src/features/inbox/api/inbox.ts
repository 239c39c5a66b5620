import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantOnly } from "@/lib/api/tenant-scope";

/** Notices that the bell shows at once. */
const shown = 50;

/** The console's notices in the tenant, youngest first, with how many one has not read. */
export function useInbox(tenant: string) {
  return useQuery({
    queryKey: [tenant, "inbox"],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/inbox", { params: { query: { ...tenantOnly(tenant), limit: shown } }, signal }),
      ),
    // No event tells of a notice.
    refetchInterval: 30_000,
  });
}

/** Says that all notices up to one were read. */
export function useReadInbox(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (to: string) =>
      answer(api.POST("/api/v1/inbox/read", { params: { query: tenantOnly(tenant) }, body: { to } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "inbox"] }),
  });
}
