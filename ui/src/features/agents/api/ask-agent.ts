import { useMutation, useQuery } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { openStream, readEvents } from "@/lib/api/ndjson";
import { askTold } from "@/lib/api/stored-rows";
import { tenantScope } from "@/lib/api/tenant-scope";
import { ColumnStore, toValue } from "@/lib/grid/column-store";

/** What the agent told of the tables of some statements, one after the other, now or at a moment; it is not asked. */
export function useAgentTable(tenant: string, agentId: string, statements: string[], at: string | undefined) {
  return useQuery({
    queryKey: [tenant, "agents", agentId, "stored", statements, at],
    queryFn: async ({ signal }) => {
      const store = new ColumnStore();
      const newest: string[] = [];
      let complete = true;
      for (const sql of statements) {
        const told = await askTold(
          tenant,
          {
            sql,
            mode: at ? "as_of" : "last_known",
            ...(at && { at: new Date(at).toISOString() }),
            per: "agent",
            target: { agent_ids: [agentId] },
          },
          signal,
        );
        // All are of the one agent whose page this is.
        const names = told.store.names.filter((name) => name !== "hostname");
        const { length } = told.store;
        store.append(
          names,
          Array.from({ length }, (_, row) => names.map((name) => told.store.value(name, row))),
        );
        newest.push(...(told.summary?.tables ?? []).flatMap(({ newest_at }) => newest_at ?? []));
        complete &&= told.complete;
      }
      return { store, newest: newest.sort().at(-1), complete };
    },
    // Columns are a class of their own, which structural comparison cannot look into.
    structuralSharing: false,
  });
}

/** How one agent answered a statement. */
export interface ShellAnswer {
  sql: string;
  outcome: string;
  error: string | null;
  duration_ms: number;
  store: ColumnStore;
}

interface RunEvent {
  type: "rows" | "agent" | "progress" | "done";
  columns?: string[];
  rows?: unknown[][];
  outcome?: string;
  error?: string | null;
  duration_ms?: number;
}

/** Asks one agent now and waits for its answer. It is a live query like any other: recorded, bounded and read-only. */
export function useAskAgent(tenant: string, agentId: string) {
  return useMutation({
    mutationFn: async (sql: string): Promise<ShellAnswer> => {
      const run = await answer(
        api.POST("/api/v1/live-queries", {
          params: { query: tenantScope(tenant) },
          body: { sql, target: { agent_ids: [agentId] } },
        }),
      );
      const scope = new URLSearchParams(
        Object.entries(tenantScope(tenant)).map(([name, value]) => [name, String(value)]),
      );
      const said: ShellAnswer = {
        sql,
        outcome: "offline",
        error: null,
        duration_ms: 0,
        store: new ColumnStore(),
      };
      const ended = new AbortController();
      const stream = await openStream(`/api/v1/live-queries/${run.id}/stream?${scope}`, ended.signal);
      await readEvents<RunEvent>(stream, (event) => {
        if (event.type === "rows") {
          said.store.append(
            event.columns ?? [],
            (event.rows ?? []).map((row) => row.map(toValue)),
          );
        }
        if (event.type === "agent") {
          said.outcome = event.outcome ?? said.outcome;
          said.error = event.error ?? null;
          said.duration_ms = event.duration_ms ?? 0;
        }
        if (event.type === "done") ended.abort();
      }).catch((error: unknown) => {
        // The stream stays open after the end for those who watch; we leave it, which ends the reading.
        if (!ended.signal.aborted) throw error;
      });
      return said;
    },
  });
}
