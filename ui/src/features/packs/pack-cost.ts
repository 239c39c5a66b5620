import { duration, plural } from "@/lib/format";
import type { CollectionCost } from "@/lib/api/types";

/** What a pack costs, of all its queries together. */
export interface PackCost {
  /** The most agents that tell one of its queries. */
  agents: number;
  /** Queries that fail on an agent or more. */
  failing: number;
  /** CPU of one execution of each, in milliseconds, on the agent in the middle. */
  cpu: number;
}

/** Adds up what the queries of a pack cost; null where no agent has told one. */
export function packCost(costs: ReadonlyMap<string, CollectionCost>, pack: string): PackCost | null {
  const own = [...costs.values()].filter(({ collection }) => collection.startsWith(`pack:${pack}/`));
  if (own.length === 0) return null;
  return {
    agents: Math.max(...own.map(({ agents }) => agents)),
    failing: own.filter(({ failing }) => failing > 0).length,
    cpu: own.reduce((sum, { cpu_ms_p50 }) => sum + cpu_ms_p50, 0),
  };
}

/** `on 412 agents, 2,614 rows, 8 ms CPU a run (bad: 20 ms), about 1.2 s a day on each`. */
export function costText(cost: CollectionCost, intervalSeconds: number): string {
  const { agents, rows, cpu_ms_p50: usual, cpu_ms_p95: bad } = cost;
  const runs = 86_400 / Math.max(1, intervalSeconds);
  return [
    `on ${plural(agents, "agent")}`,
    plural(rows, "row"),
    `${duration(usual)} CPU a run${bad > usual ? ` (one in twenty: ${duration(bad)})` : ""}`,
    `≈ ${duration(usual * runs)} a day on each`,
  ].join(", ");
}
