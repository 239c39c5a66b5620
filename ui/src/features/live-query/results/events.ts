import type { LiveQueryCounts } from "@/lib/api/types";

/** How the question went on an agent. */
export type Outcome = Exclude<keyof LiveQueryCounts, "targets">;

/** The order in which outcomes are shown; together they add up to the targets. */
export const outcomes: Outcome[] = [
  "with_rows",
  "no_rows",
  "failed",
  "timed_out",
  "running",
  "waiting",
  "offline",
  "refused",
];

/** One agent's line of the ledger. */
export interface AgentAnswer {
  agent_id: string;
  hostname: string;
  outcome: Outcome;
  rows: number;
  duration_ms: number;
  error?: string | null;
}

/** One line of a run's stream. */
export type StreamEvent =
  | { type: "rows"; agent_id: string; hostname: string; columns: string[] | null; rows: unknown[][] | null }
  | ({ type: "agent" } & AgentAnswer)
  | { type: "progress"; counts: LiveQueryCounts }
  | { type: "done"; counts: LiveQueryCounts };
