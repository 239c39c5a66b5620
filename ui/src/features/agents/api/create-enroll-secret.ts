import { useMutation } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";

/** Makes a secret with which agents join the tenant of the address. The server shows it once. */
export function useCreateEnrollSecret(tenant: string) {
  return useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/v1/enroll-secrets", {
          params: { query: { tenant: tenantScope(tenant).tenant } },
          body: { expires_in_hours: 24 },
        }),
      ),
  });
}
