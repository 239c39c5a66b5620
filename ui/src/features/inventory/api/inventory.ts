import { useQuery } from "@tanstack/react-query";
import { askStored, askTold, type StoredAnswer } from "@/lib/api/stored-rows";
import type { Value } from "@/lib/grid/column-store";
import { agentsSql, countSql, type InventoryKind } from "../kinds";

/** One thing that agents have, with how many do. */
export interface InventoryRow {
  id: string;
  source: string;
  values: Record<string, Value>;
  agents: number;
}

export interface Inventory {
  items: InventoryRow[];
  complete: boolean;
  /** Agents in the tenant and below, and how fresh the least and the most fresh answer is. */
  agents: number;
  oldest: string | null;
  newest: string | null;
  /** How long the sources took to answer, in milliseconds. */
  took: number;
}

/** All rows of a kind, over every agent of the tenant and below, from what they told last. */
export function useInventory(tenant: string, kind: InventoryKind) {
  return useQuery({
    queryKey: [tenant, "inventory", kind.id],
    queryFn: async ({ signal }): Promise<Inventory> => {
      // One after the other: the server runs few statements of a tenant at once, and others ask as well.
      const began = performance.now();
      const answers: { source: (typeof kind.sources)[number]; answer: StoredAnswer }[] = [];
      for (const source of kind.sources) {
        answers.push({
          source,
          answer: await askTold(tenant, { sql: countSql(source), per: "fleet" }, signal),
        });
      }
      const items = answers.flatMap(({ source, answer: { store } }) =>
        Array.from({ length: store.length }, (_, row): InventoryRow => {
          const values = Object.fromEntries(kind.columns.map(({ id }) => [id, store.value(id, row)]));
          return {
            id: [source.table, ...Object.values(values)].join("\u0000"),
            source: source.name,
            values,
            agents: Number(store.value("agents", row)),
          };
        }),
      );
      const told = answers.flatMap(({ answer }) => answer.summary?.tables ?? []);
      return {
        items,
        complete: answers.every(({ answer }) => answer.complete),
        agents: Math.max(0, ...answers.map(({ answer }) => answer.summary?.agents ?? 0)),
        oldest:
          told
            .flatMap(({ oldest_at }) => oldest_at ?? [])
            .sort()
            .at(0) ?? null,
        newest:
          told
            .flatMap(({ newest_at }) => newest_at ?? [])
            .sort()
            .at(-1) ?? null,
        took: performance.now() - began,
      };
    },
    staleTime: 60_000,
    refetchInterval: ({ state: { data } }) => data && untilNext(data, Date.now()),
  });
}

/** Milliseconds after which it is asked again: soon while nothing is there or agents are telling, and never much of the time. */
export function untilNext({ items, newest, took }: Inventory, now: number): number {
  const telling = items.length === 0 || (newest !== null && now - Date.parse(newest) < 60_000);
  return Math.max(telling ? 5_000 : 60_000, 20 * took);
}

export interface Holder {
  agent: string;
  hostname: string;
  tenant: string;
  since: string;
}

/** The agents that have a row. */
export function useHolders(tenant: string, kind: InventoryKind, row: InventoryRow) {
  return useQuery({
    queryKey: [tenant, "inventory", kind.id, "holders", row.id],
    queryFn: async ({ signal }): Promise<Holder[]> => {
      const source = kind.sources.find(({ name }) => name === row.source);
      if (!source) return [];
      const { store } = await askStored(tenant, { sql: agentsSql(source, row.values), per: "fleet" }, signal);
      const text = (column: string, at: number) => String(store.value(column, at) ?? "");
      return Array.from({ length: store.length }, (_, at) => ({
        agent: text("agent", at),
        hostname: text("hostname", at),
        tenant: text("tenant", at),
        since: text("seen_from", at),
      }));
    },
  });
}
