import { useMutation } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantOnly } from "@/lib/api/tenant-scope";

/** Proves on the server that no entry of the tenant was changed or taken out. */
export function useVerifyAudit(tenant: string) {
  return useMutation({
    mutationFn: () => answer(api.GET("/api/v1/audit/verify", { params: { query: tenantOnly(tenant) } })),
  });
}
