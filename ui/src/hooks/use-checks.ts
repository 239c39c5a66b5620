import { useQuery } from "@tanstack/react-query";
import { answer, api, whole } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";

/** Every check of the tenant and below, with how many agents pass, fail, or could not be judged. */
export function useChecks(tenant: string, enabled = true) {
  return useQuery({
    queryKey: [tenant, "compliance", "checks"],
    enabled,
    queryFn: async ({ signal }) =>
      whole(
        await answer(
          api.GET("/api/v1/compliance/checks", { params: { query: tenantScope(tenant) }, signal }),
        ),
      ),
    staleTime: 30_000,
  });
}
