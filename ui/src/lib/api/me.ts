import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "./client";
import { tenantOnly } from "./tenant-scope";

/** Who is signed in, and what they may do at home. */
export const meQuery = queryOptions({
  queryKey: ["me", "home"],
  queryFn: () => answer(api.GET("/api/v1/me")),
  staleTime: 5 * 60_000,
});

/** Who is signed in, what they may do in a tenant, and what its plan has: roles and plans differ from tenant to tenant. */
export function meAt(tenant: string) {
  return queryOptions({
    queryKey: ["me", "at", tenant],
    queryFn: () => answer(api.GET("/api/v1/me", { params: { query: tenantOnly(tenant) } })),
    staleTime: 5 * 60_000,
  });
}
