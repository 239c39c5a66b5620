import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";

/** Runs listed in the history: the newest ones. */
const listed = 50;

export function useLiveQueries(tenant: string, enabled: boolean) {
  return useQuery({
    queryKey: [tenant, "live-queries", "history"],
    queryFn: async ({ signal }) => {
      const { items } = await answer(
        api.GET("/api/v1/live-queries", {
          params: { query: { ...tenantScope(tenant), limit: listed } },
          signal,
        }),
      );
      return items ?? [];
    },
    enabled,
  });
}
