import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, listAll, pageSize } from "@/lib/api/client";
import { tenantOnly } from "@/lib/api/tenant-scope";

/** The saved queries that one sees: one's own, the tenant's, and those shared above it. */
export function useSavedQueries(tenant: string, enabled: boolean) {
  return useQuery({
    queryKey: [tenant, "saved-queries"],
    queryFn: ({ signal }) =>
      listAll((cursor) =>
        answer(
          api.GET("/api/v1/saved-queries", {
            params: { query: { ...tenantOnly(tenant), limit: pageSize, cursor } },
            signal,
          }),
        ),
      ),
    enabled,
  });
}

export interface SavedDraft {
  name: string;
  description: string;
  sql: string;
  shared: boolean;
}

/** What becomes of a statement beside being kept: agents run it by themselves, and somebody hears of its rows. */
export interface Schedule {
  pack: string;
  query: string;
  intervalSeconds: number;
}

export interface AlertOn {
  rule: string;
  title: string;
  severity: "low" | "medium" | "high" | "critical";
}

/** Keeps a statement, and makes a pack's query or a rule of it where that is asked. Gives the collection that agents then send. */
export function useSaveQuery(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({
      draft,
      schedule,
      alert,
    }: {
      draft: SavedDraft;
      schedule?: Schedule;
      alert?: AlertOn;
    }): Promise<string | null> => {
      const query = tenantOnly(tenant);
      const { name, description, sql, shared } = draft;
      const saved = await answer(
        api.POST("/api/v1/saved-queries", {
          params: { query },
          body: { name, description, sql, sharing: shared || schedule ? "shared" : "mine" },
        }),
      );
      if (!schedule) return null;
      const params = { path: { id: saved.id }, query };
      const body = { pack: schedule.pack, query: schedule.query, interval_seconds: schedule.intervalSeconds };
      try {
        const { collection } = alert
          ? await answer(
              api.POST("/api/v1/saved-queries/{id}/rule", {
                params,
                body: { ...body, rule: alert.rule, title: alert.title, severity: alert.severity },
              }),
            )
          : await answer(api.POST("/api/v1/saved-queries/{id}/pack", { params, body }));
        return collection;
      } catch (error) {
        // Half a wish is none: the name would be taken when one tries again.
        await api.DELETE("/api/v1/saved-queries/{id}", { params });
        throw error;
      }
    },
    onSettled: () =>
      Promise.all(
        ["saved-queries", "packs", "rules"].map((noun) =>
          queries.invalidateQueries({ queryKey: [tenant, noun] }),
        ),
      ),
  });
}

export function useDeleteSavedQuery(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answer(
        api.DELETE("/api/v1/saved-queries/{id}", { params: { path: { id }, query: tenantOnly(tenant) } }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: [tenant, "saved-queries"] }),
  });
}
