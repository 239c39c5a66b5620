import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantOnly } from "@/lib/api/tenant-scope";

const keyOf = (tenant: string) => [tenant, "settings"];

/** What holds for the tenant, and who says so. */
export function useTenantSettings(tenant: string) {
  return useQuery({
    queryKey: keyOf(tenant),
    queryFn: async ({ signal }) =>
      (await answer(api.GET("/api/v1/settings", { params: { query: tenantOnly(tenant) }, signal }))).items ??
      [],
  });
}

/** Says what holds for the tenant and below; `null` has what is inherited hold again. */
export function useSetSetting(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ key, value }: { key: string; value: string | number | boolean | null }) => {
      const params = { path: { key }, query: tenantOnly(tenant) };
      if (value === null) await answer(api.DELETE("/api/v1/settings/{key}", { params }));
      else await answer(api.PUT("/api/v1/settings/{key}", { params, body: { value } }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: keyOf(tenant) }),
  });
}
