import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantOnly, tenantScope } from "@/lib/api/tenant-scope";

/** The risk of the tenant with all below it. */
export function useRisk(tenant: string, enabled = true) {
  return useQuery({
    queryKey: [tenant, "risk", "now"],
    enabled,
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/risk", { params: { query: tenantScope(tenant) }, signal })),
    staleTime: 30_000,
  });
}

/** The tenant's own risk at the end of each of the last days. */
export function useRiskTrend(tenant: string, days: number, enabled = true) {
  return useQuery({
    queryKey: [tenant, "risk", "trend", days],
    enabled,
    queryFn: async ({ signal }) => {
      const from = new Date(Date.now() - days * 86_400_000).toISOString();
      const { items } = await answer(
        api.GET("/api/v1/risk/trend", { params: { query: { ...tenantOnly(tenant), from } }, signal }),
      );
      return items ?? [];
    },
    staleTime: 5 * 60_000,
  });
}
