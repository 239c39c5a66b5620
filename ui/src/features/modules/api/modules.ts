import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantOnly } from "@/lib/api/tenant-scope";
import type { Module } from "@/lib/api/types";

/** The tables that agents can tell, with what holds for the tenant and who said so. */
export function useModules(tenant: string) {
  return useQuery({
    queryKey: [tenant, "modules"],
    queryFn: async ({ signal }) => {
      const { items } = await answer(
        api.GET("/api/v1/modules", { params: { query: tenantOnly(tenant) }, signal }),
      );
      return { items: items ?? [], complete: true };
    },
  });
}

/** Says for the tenant and below how far a module is on; `null` takes back what it says itself. */
export function useSetModule(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ name, state }: { name: string; state: Module["state"] | null }) => {
      const params = { path: { name }, query: tenantOnly(tenant) };
      if (state === null) await answer(api.DELETE("/api/v1/modules/{name}", { params }));
      else await answer(api.PUT("/api/v1/modules/{name}", { params, body: { state } }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "modules"] }),
  });
}
