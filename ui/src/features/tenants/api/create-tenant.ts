import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantOnly } from "@/lib/api/tenant-scope";
import type { Plan } from "@/lib/api/types";

export interface NewTenant {
  name: string;
  slug: string;
  plan: Plan;
  parent_id?: string;
}

export function useCreateTenant(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NewTenant) =>
      answer(api.POST("/api/v1/tenants", { params: { query: tenantOnly(tenant) }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["tenants"] }),
  });
}
