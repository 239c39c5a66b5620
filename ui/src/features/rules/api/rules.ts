import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, whole } from "@/lib/api/client";
import { tenantOnly } from "@/lib/api/tenant-scope";

export function useRules(tenant: string) {
  return useQuery({
    queryKey: [tenant, "rules", "list"],
    queryFn: async ({ signal }) =>
      whole(await answer(api.GET("/api/v1/rules", { params: { query: tenantOnly(tenant) }, signal }))),
  });
}

export function useRule(tenant: string, rule: string, enabled = true) {
  return useQuery({
    queryKey: [tenant, "rules", "one", rule],
    enabled,
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/rules/{rule}", { params: { path: { rule }, query: tenantOnly(tenant) }, signal }),
      ),
  });
}

/** Switches a rule on or off for the tenant; what it inherits stays as it is above. */
export function useSwitchRule(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ rule, enabled }: { rule: string; enabled: boolean }) =>
      answer(
        api.PUT("/api/v1/rules/{rule}/settings", {
          params: { path: { rule }, query: tenantOnly(tenant) },
          body: { enabled },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "rules"] }),
  });
}

export function useSaveRule(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ rule, yaml }: { rule: string; yaml: string }) =>
      answer(
        api.PUT("/api/v1/rules/{rule}", {
          params: { path: { rule }, query: tenantOnly(tenant) },
          body: { yaml },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "rules"] }),
  });
}

export function useDeleteRule(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (rule: string) =>
      answer(api.DELETE("/api/v1/rules/{rule}", { params: { path: { rule }, query: tenantOnly(tenant) } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "rules"] }),
  });
}

/** Checks a rule as one types: SQL against the table catalogue, expressions against the rows that it gives. */
export function useCheckRule(tenant: string, yaml: string) {
  return useQuery({
    queryKey: [tenant, "rules", "check", yaml],
    enabled: yaml.trim() !== "",
    queryFn: ({ signal }) =>
      answer(
        api.POST("/api/v1/rules/check", { params: { query: tenantOnly(tenant) }, body: { yaml }, signal }),
      ),
    placeholderData: (before) => before,
  });
}

/** What expressions and messages may name. It changes with the server's version only. */
export function useRuleVocabulary(tenant: string) {
  return useQuery({
    queryKey: [tenant, "rules", "vocabulary"],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/rule-vocabulary", { params: { query: tenantOnly(tenant) }, signal })),
    staleTime: Infinity,
  });
}

/** Says what a rule would have raised over the last days, without saving it or telling anybody. */
export function useDryRun(tenant: string) {
  return useMutation({
    mutationFn: ({ yaml, days }: { yaml: string; days: number }) =>
      answer(
        api.POST("/api/v1/rules/dry-run", {
          params: { query: tenantOnly(tenant) },
          body: { yaml, from: new Date(Date.now() - days * 86_400_000).toISOString() },
        }),
      ),
  });
}
