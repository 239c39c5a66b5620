import type { QueryClient } from "@tanstack/react-query";
import { openStream, readEvents } from "@/lib/api/ndjson";

export type Connection =
  { state: "connecting" } | { state: "live" } | { state: "waiting"; retryAt: number; since: number };

interface ConsoleEvent {
  type: "agent" | "finding" | "live_query" | (string & {});
}

/** Second part of the query keys that an event makes stale. */
const nouns: Record<string, string> = {
  agent: "agents",
  finding: "findings",
  live_query: "live-queries",
  access_grant: "grants",
};
/** Lists refresh at most this often however many events arrive. */
const refreshInterval = 1000;
const longestWait = 30_000;

/**
 * Follows the console's event stream of a tenant until the signal aborts: marks what changed as stale, and reconnects with
 * growing, scattered waits. After a gap everything is stale, since what happened in it is unknown.
 */
export async function followEvents(
  tenant: string,
  path: string,
  queries: QueryClient,
  report: (connection: Connection) => void,
  signal: AbortSignal,
): Promise<void> {
  const stale = new Set<string>();
  const timer = setInterval(() => {
    if (document.hidden) return;
    for (const noun of stale) void queries.invalidateQueries({ queryKey: [tenant, noun] });
    stale.clear();
  }, refreshInterval);
  signal.addEventListener("abort", () => {
    clearInterval(timer);
  });

  let failures = 0;
  let lostAt = 0;
  while (!signal.aborted) {
    try {
      const stream = await openStream(path, signal);
      if (lostAt) for (const noun of Object.values(nouns)) stale.add(noun);
      failures = 0;
      lostAt = 0;
      report({ state: "live" });
      await readEvents<ConsoleEvent>(stream, ({ type }) => {
        const noun = nouns[type];
        if (noun) stale.add(noun);
      });
    } catch {
      // A lost stream is a state one sees, not an error to print: it is reported below and tried again.
    }
    if (signal.aborted) return;
    lostAt ||= Date.now();
    const wait = Math.min(longestWait, 1000 * 2 ** failures++) * (0.5 + Math.random() / 2);
    report({ state: "waiting", retryAt: Date.now() + wait, since: lostAt });
    await pause(wait, signal);
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
