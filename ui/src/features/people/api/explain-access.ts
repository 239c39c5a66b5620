import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantOnly } from "@/lib/api/tenant-scope";

/** What a person may do in the tenant of the address, right by right, and why. */
export function useAccess(tenant: string, user: string) {
  return useQuery({
    queryKey: [tenant, "people", "access", user],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/access/explain", { params: { query: { ...tenantOnly(tenant), user } }, signal }),
      ),
  });
}
