import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, listAll, pageSize } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";
import type { Alert } from "@/lib/api/types";

export type AlertState = Alert["state"];

/** Alerts of a state, of the tenant and below. */
export function useAlerts(tenant: string, state: AlertState) {
  return useQuery({
    queryKey: [tenant, "alerts", "list", state],
    queryFn: ({ signal }) =>
      listAll((cursor) =>
        answer(
          api.GET("/api/v1/alerts", {
            params: { query: { ...tenantScope(tenant), state, limit: pageSize, cursor } },
            signal,
          }),
        ),
      ),
  });
}

export function useAlert(tenant: string, id: string) {
  return useQuery({
    queryKey: [tenant, "alerts", "one", id],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/alerts/{id}", { params: { path: { id }, query: tenantScope(tenant) }, signal }),
      ),
  });
}

export type AlertMove =
  | { move: "acknowledge" | "resolve" | "reopen"; reason?: string }
  | { move: "snooze"; minutes: number; reason?: string };

/** Moves an alert to another state; the move stands in its history with the person's name. */
export function moveAlert(tenant: string, { id, ...moved }: AlertMove & { id: string }): Promise<unknown> {
  // Acted on in its own tenant, wherever in the tree one stands.
  const params = { path: { id }, query: { tenant: tenantScope(tenant).tenant } };
  switch (moved.move) {
    case "acknowledge":
      return answer(api.POST("/api/v1/alerts/{id}/acknowledge", { params, body: { reason: moved.reason } }));
    case "resolve":
      return answer(api.POST("/api/v1/alerts/{id}/resolve", { params, body: { reason: moved.reason } }));
    case "reopen":
      return answer(api.POST("/api/v1/alerts/{id}/reopen", { params, body: { reason: moved.reason } }));
    case "snooze":
      return answer(
        api.POST("/api/v1/alerts/{id}/snooze", {
          params,
          body: { minutes: moved.minutes, reason: moved.reason },
        }),
      );
  }
}

export function useMoveAlert(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (moved: AlertMove & { id: string }) => moveAlert(tenant, moved),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "alerts"] }),
  });
}
