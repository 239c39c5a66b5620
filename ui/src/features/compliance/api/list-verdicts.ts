import { useQuery } from "@tanstack/react-query";
import { answer, api, listAll, pageSize } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";

/** What a check says of each agent of the tenant and below. */
export function useVerdicts(tenant: string, check: string) {
  return useQuery({
    queryKey: [tenant, "compliance", "verdicts", check],
    queryFn: ({ signal }) =>
      listAll((cursor) =>
        answer(
          api.GET("/api/v1/compliance/verdicts", {
            params: { query: { ...tenantScope(tenant), check, limit: pageSize, cursor } },
            signal,
          }),
        ),
      ),
  });
}
