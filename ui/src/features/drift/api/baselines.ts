import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, whole } from "@/lib/api/client";
import { tenantOnly } from "@/lib/api/tenant-scope";
import type { Baseline } from "@/lib/api/types";

/** What is expected of the tenant's machines. */
export function useBaselines(tenant: string) {
  return useQuery({
    queryKey: [tenant, "drift", "baselines"],
    queryFn: async ({ signal }) =>
      whole(await answer(api.GET("/api/v1/baselines", { params: { query: tenantOnly(tenant) }, signal }))),
  });
}

/** Takes what is there now, or was seen in a time, for what is expected. */
export function useCreateBaseline(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Omit<Baseline, "id" | "hostname" | "values">) =>
      answer(api.POST("/api/v1/baselines", { params: { query: tenantOnly(tenant) }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "drift", "baselines"] }),
  });
}

export function useDeleteBaseline(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answer(api.DELETE("/api/v1/baselines/{id}", { params: { path: { id }, query: tenantOnly(tenant) } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "drift", "baselines"] }),
  });
}

/** What an agent has that a baseline does not expect. */
export function useDeviations(tenant: string, baseline: string, agent: string) {
  return useQuery({
    queryKey: [tenant, "drift", "deviations", baseline, agent],
    enabled: agent !== "",
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/baselines/{id}/deviations", {
          params: { path: { id: baseline }, query: { ...tenantOnly(tenant), agent_id: agent } },
          signal,
        }),
      ),
  });
}
