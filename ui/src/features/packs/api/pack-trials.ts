import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantOnly } from "@/lib/api/tenant-scope";
import type { ConfigLayer } from "@/lib/api/types";
import { contentWith, tenantLayer } from "../pack-trial";

/** What the tenant itself says of its agents' configuration, which is where a pack's version is tried; null for nothing. */
export function useTenantLayer(tenant: string, enabled: boolean) {
  return useQuery({
    queryKey: [tenant, "config-layer"],
    queryFn: async ({ signal }) => {
      const layers = await answer(
        api.GET("/api/v1/config-layers", { params: { query: tenantOnly(tenant) }, signal }),
      );
      return tenantLayer(layers.items ?? []) ?? null;
    },
    enabled,
    // A canary is taken back by the server within seconds of breaking its budget.
    refetchInterval: ({ state }) => state.data?.state === "rolling" && 15_000,
  });
}

/** Gives a part of the agents a version of a pack, or with null none any more. */
export function useTryPack(tenant: string, layer: ConfigLayer | null | undefined) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ pack, number, percent }: { pack: string; number: number | null; percent?: number }) =>
      answer(
        api.PUT("/api/v1/config-layers/tenant", {
          params: { query: tenantOnly(tenant) },
          body: { content: contentWith(layer ?? undefined, pack, number), canary_percent: percent },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "config-layer"] }),
  });
}
