import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";
import { targetBody, type Target } from "../target";

/** What a statement would cost the agents of a target: from runs of the past where there are some, else from its tables. */
export function useEstimate(tenant: string, sql: string | null, target: Target) {
  return useQuery({
    queryKey: [tenant, "estimate", sql, target],
    queryFn: ({ signal }) =>
      answer(
        api.POST("/api/v1/queries/estimate", {
          params: { query: tenantScope(tenant) },
          body: { sql: sql ?? "", target: targetBody(target) },
          signal,
        }),
      ),
    enabled: sql !== null,
    staleTime: 60_000,
    // Without an estimate the tables' own rating stands.
    retry: false,
  });
}
