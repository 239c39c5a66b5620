import { useQueries, useQuery } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";

/** Scores over all checks and of each framework, of the tenant and below. */
export function useScores(tenant: string, enabled = true) {
  return useQuery({
    queryKey: [tenant, "compliance", "scores"],
    enabled,
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/compliance/scores", { params: { query: tenantScope(tenant) }, signal })),
    staleTime: 30_000,
  });
}

/** The fixes that are worth most, the best first. */
export function useGains(tenant: string, framework?: string, enabled = true) {
  return useQuery({
    queryKey: [tenant, "compliance", "gains", framework],
    enabled,
    queryFn: async ({ signal }) => {
      const { items } = await answer(
        api.GET("/api/v1/compliance/gains", {
          params: { query: { ...tenantScope(tenant), framework, limit: 20 } },
          signal,
        }),
      );
      return items ?? [];
    },
    staleTime: 30_000,
  });
}

/** The scores of the last days, of each framework named. */
export function useTrends(tenant: string, frameworks: string[], days: number) {
  return useQueries({
    queries: frameworks.map((framework) => ({
      queryKey: [tenant, "compliance", "trend", framework, days],
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const { items } = await answer(
          api.GET("/api/v1/compliance/trend", {
            params: { query: { ...tenantScope(tenant), framework, days } },
            signal,
          }),
        );
        return { framework, days: items ?? [] };
      },
      staleTime: 5 * 60_000,
    })),
  });
}
