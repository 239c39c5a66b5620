import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantOnly } from "@/lib/api/tenant-scope";

/** What of a person's role does not hold in the tenant of the address: permissions, `*` for all of them. */
export function useDenied(tenant: string, user: string) {
  return useQuery({
    queryKey: [tenant, "people", "members"],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/members", { params: { query: tenantOnly(tenant) }, signal })),
    select: ({ items }) => items?.find(({ user_id }) => user_id === user)?.denied ?? [],
  });
}

/** Takes a permission from a person in the tenant and below. */
export function useDenyRight(tenant: string, user: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ permission, reason }: { permission: string; reason: string }) =>
      answer(
        api.PUT("/api/v1/members/{id}/denied/{permission}", {
          params: { path: { id: user, permission }, query: tenantOnly(tenant) },
          body: { reason },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "people"] }),
  });
}

/** Gives a permission back that the tenant had taken. */
export function useAllowRight(tenant: string, user: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (permission: string) =>
      answer(
        api.DELETE("/api/v1/members/{id}/denied/{permission}", {
          params: { path: { id: user, permission }, query: tenantOnly(tenant) },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "people"] }),
  });
}
