import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, whole } from "@/lib/api/client";
import { tenantOnly } from "@/lib/api/tenant-scope";

export function useTokens(tenant: string) {
  return useQuery({
    queryKey: [tenant, "tokens", "mine"],
    queryFn: async ({ signal }) =>
      whole(await answer(api.GET("/api/v1/me/tokens", { params: { query: tenantOnly(tenant) }, signal }))),
  });
}

export interface NewToken {
  name: string;
  expires_in_days: number;
  permissions?: string[];
}

/** Makes a token of one's own; the server shows it once. */
export function useCreateToken(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NewToken) =>
      answer(api.POST("/api/v1/me/tokens", { params: { query: tenantOnly(tenant) }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "tokens"] }),
  });
}

export function useEndToken(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answer(api.DELETE("/api/v1/me/tokens/{id}", { params: { path: { id }, query: tenantOnly(tenant) } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "tokens"] }),
  });
}
