import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantOnly } from "@/lib/api/tenant-scope";

/** The texts that a pack of the tenant has had, the youngest first. */
export function usePackVersions(tenant: string, name: string, enabled: boolean) {
  return useQuery({
    queryKey: [tenant, "packs", name, "versions"],
    queryFn: async ({ signal }) =>
      (
        await answer(
          api.GET("/api/v1/packs/{name}/versions", {
            params: { path: { name }, query: tenantOnly(tenant) },
            signal,
          }),
        )
      ).items ?? [],
    enabled,
  });
}

export function usePackVersion(tenant: string, name: string, number: number | null) {
  return useQuery({
    queryKey: [tenant, "packs", name, "versions", number],
    queryFn: async ({ signal }) =>
      (
        await answer(
          api.GET("/api/v1/packs/{name}/versions/{number}", {
            params: { path: { name, number: number ?? 0 }, query: tenantOnly(tenant) },
            signal,
          }),
        )
      ).yaml,
    enabled: number !== null,
    staleTime: Infinity, // a version's text never changes
  });
}

/** Makes the text of an earlier version the pack's own again, as a new version. */
export function useRestorePack(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ name, number }: { name: string; number: number }): Promise<unknown> =>
      answer(
        api.POST("/api/v1/packs/{name}/versions/{number}/restore", {
          params: { path: { name, number }, query: tenantOnly(tenant) },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "packs"] }),
  });
}
