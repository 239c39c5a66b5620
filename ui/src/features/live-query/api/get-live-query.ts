import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";

/** What was asked in a run, and of whom. */
export function useLiveQuery(tenant: string, id: string | undefined) {
  return useQuery({
    queryKey: [tenant, "live-queries", id],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/live-queries/{id}", {
          params: { path: { id: id ?? "" }, query: tenantScope(tenant) },
          signal,
        }),
      ),
    enabled: id !== undefined,
  });
}
