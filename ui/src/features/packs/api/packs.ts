import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, whole } from "@/lib/api/client";
import { tenantOnly } from "@/lib/api/tenant-scope";
import type { Pack, PackDetail, Schedule } from "@/lib/api/types";

export type PackQuery = NonNullable<PackDetail["query_list"]>[number];

/** A pack and whether it runs in the tenant. */
export interface ScheduledPack {
  pack: Pack;
  schedule: Schedule | undefined;
}

/** The packs that the tenant sees, each with its schedule. */
export function usePacks(tenant: string) {
  return useQuery({
    queryKey: [tenant, "packs", "list"],
    queryFn: async ({ signal }) => {
      const query = tenantOnly(tenant);
      const [packs, schedules] = await Promise.all([
        answer(api.GET("/api/v1/packs", { params: { query }, signal })).then(whole),
        answer(api.GET("/api/v1/schedules", { params: { query }, signal })).then(whole),
      ]);
      const byPack = new Map(schedules.items.map((schedule) => [schedule.pack, schedule]));
      return {
        items: packs.items.map((pack): ScheduledPack => ({ pack, schedule: byPack.get(pack.name) })),
        complete: packs.complete,
      };
    },
  });
}

export function usePack(tenant: string, name: string, enabled = true) {
  return useQuery({
    enabled,
    queryKey: [tenant, "packs", "one", name],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/packs/{name}", { params: { path: { name }, query: tenantOnly(tenant) }, signal }),
      ),
  });
}

/** Switches a pack on or off for the tenant; agents hear of it over their sockets. */
export function useSwitchPack(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ pack, enabled }: { pack: string; enabled: boolean }) =>
      answer(
        api.PUT("/api/v1/schedules/{pack}", {
          params: { path: { pack }, query: tenantOnly(tenant) },
          body: { enabled },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "packs"] }),
  });
}

/** Stores a pack of the tenant's own from its YAML, which the server checks against the table catalogue. */
export function useSavePack(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ name, yaml }: { name: string; yaml: string }) =>
      answer(
        api.PUT("/api/v1/packs/{name}", {
          params: { path: { name }, query: tenantOnly(tenant) },
          body: { yaml },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "packs"] }),
  });
}

export function useDeletePack(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      answer(api.DELETE("/api/v1/packs/{name}", { params: { path: { name }, query: tenantOnly(tenant) } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "packs"] }),
  });
}
