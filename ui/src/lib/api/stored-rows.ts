import { ColumnStore, toValue } from "@/lib/grid/column-store";
import { readEvents } from "./ndjson";
import { ApiError, problemOf } from "./problem";
import { authorizedFetch } from "./session";
import { tenantScope } from "./tenant-scope";

/** How an answer over stored rows ended: how many agents it speaks of, and how fresh what they told is. */
export interface StoredSummary {
  agents: number;
  answered: number;
  failed: number;
  not_told: number;
  rows: number;
  duration_ms: number;
  tables?: { table: string; agents: number; oldest_at?: string; newest_at?: string }[];
}

export interface StoredAnswer {
  store: ColumnStore;
  summary: StoredSummary | null;
  /** Whether rows were left out because there were more than one looks at here. */
  complete: boolean;
}

interface StoredEvent {
  type: "rows" | "agent" | "done" | "error";
  agent_id?: string;
  hostname?: string;
  columns?: string[];
  rows?: unknown[][];
  error?: string;
  summary?: StoredSummary;
}

/** Rows read at most: a browser sorts and filters that many at once without a pause. */
const rowLimit = 100_000;

/** SQL over what agents told last, or had told at a moment. `per: "fleet"` answers once over all, with the column agent. */
export interface StoredQuestion {
  sql: string;
  mode?: "last_known" | "as_of";
  at?: string;
  per?: "agent" | "fleet";
  target?: { agent_ids?: string[]; platforms?: string[]; tags?: string[]; groups?: string[] };
}

export function askStored(tenant: string, question: StoredQuestion, signal?: AbortSignal) {
  return readStored(tenant, "/api/v1/queries/run", question, signal);
}

/**
 * A statement of the console's own over tables that perhaps nobody has told: a tenant without Windows has no programs of Windows,
 * and one without agents has nobody to ask. Since the statement holds, a complaint about it means just that.
 */
export async function askTold(
  tenant: string,
  question: StoredQuestion,
  signal?: AbortSignal,
): Promise<StoredAnswer> {
  try {
    return await askStored(tenant, question, signal);
  } catch (error) {
    if (
      error instanceof ApiError &&
      error.status === 400 &&
      ("sql" in error.fields || "target" in error.fields)
    ) {
      return { store: new ColumnStore(), summary: null, complete: true };
    }
    throw error;
  }
}

/** SQL over the table `answers` of a live query. */
export function askAnswers(tenant: string, run: string, sql: string, signal?: AbortSignal) {
  return readStored(tenant, `/api/v1/live-queries/${encodeURIComponent(run)}/sql`, { sql }, signal);
}

async function readStored(
  tenant: string,
  path: string,
  body: unknown,
  signal?: AbortSignal,
): Promise<StoredAnswer> {
  const url = new URL(path, window.location.origin);
  for (const [name, value] of Object.entries(tenantScope(tenant))) url.searchParams.set(name, String(value));
  const response = await authorizedFetch(
    new Request(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/x-ndjson" },
      body: JSON.stringify(body),
      signal,
    }),
  );
  if (!response.ok) throw problemOf(response, await response.json().catch(() => null));
  if (!response.body) throw new TypeError("the answer has no body");

  const answer: StoredAnswer = { store: new ColumnStore(), summary: null, complete: true };
  await readEvents<StoredEvent>(response.body, (event) => {
    if (event.type === "error") throw new Error(event.error ?? "The statement failed.");
    if (event.type === "done") answer.summary = event.summary ?? null;
    if (event.type !== "rows") return;
    const room = rowLimit - answer.store.length;
    const rows = (event.rows ?? []).slice(0, Math.max(0, room));
    if (rows.length < (event.rows ?? []).length) answer.complete = false;
    const columns = event.columns ?? [];
    if (event.hostname === undefined) {
      answer.store.append(
        columns,
        rows.map((row) => row.map(toValue)),
      );
      return;
    }
    const { hostname } = event;
    answer.store.append(
      ["hostname", ...columns],
      rows.map((row) => [hostname, ...row.map(toValue)]),
    );
  });
  return answer;
}
