import type { QueryClient } from "@tanstack/react-query";
import { openStream, readEvents } from "@/lib/api/ndjson";

export type Connection =
  { state: "connecting" } | { state: "live" } | { state: "waiting"; retryAt: number; since: number };

interface ConsoleEvent {
  type: "agent" | "finding" | "alert" | "access_grant" | "alive" | "lost" | (string & {});
}

/**
 * Second part of the query keys that an event makes stale: what it tells of itself, and what is worked out from it, which is
 * dearer to ask and refreshes less often.
 */
const nouns: Record<string, { told: string[]; derived: string[] }> = {
  agent: { told: ["agents"], derived: [] },
  finding: { told: ["findings"], derived: ["compliance", "risk"] },
  alert: { told: ["alerts", "inbox"], derived: [] },
  live_query: { told: ["live-queries"], derived: [] },
  access_grant: { told: ["grants"], derived: [] },
};
/** Milliseconds: lists refresh at most this often however many events arrive. */
const refreshInterval = 1000;
/** Of these, one in so many refreshes what is worked out. */
const derivedEvery = 10;
const longestWait = 30_000;
/** Milliseconds of silence after which a stream is taken for lost; the server says every 20 s that it lives. */
const longestSilence = 60_000;

/**
 * Follows the console's event stream of a tenant until the signal aborts: marks what changed as stale, and reconnects with
 * growing, scattered waits, or at once when `wake` says so. After a gap everything is stale, since what happened in it is unknown.
 */
export async function followEvents(
  tenant: string,
  path: string,
  queries: QueryClient,
  report: (connection: Connection) => void,
  wake: EventTarget,
  signal: AbortSignal,
): Promise<void> {
  const told = new Set<string>();
  const derived = new Set<string>();
  const refresh = (stale: Set<string>) => {
    for (const noun of stale) void queries.invalidateQueries({ queryKey: [tenant, noun] });
    stale.clear();
  };
  let ticks = 0;
  const timer = setInterval(() => {
    if (document.hidden) return;
    refresh(told);
    if (++ticks % derivedEvery === 0) refresh(derived);
  }, refreshInterval);
  signal.addEventListener("abort", () => {
    clearInterval(timer);
  });
  const everything = () => {
    for (const each of Object.values(nouns)) {
      for (const noun of [...each.told, ...each.derived]) told.add(noun);
    }
  };

  let failures = 0;
  let lostAt = 0;
  while (!signal.aborted) {
    const silence = new AbortController();
    let quiet = setTimeout(() => {
      silence.abort();
    }, longestSilence);
    try {
      const stream = await openStream(path, AbortSignal.any([signal, silence.signal]));
      if (lostAt) everything();
      failures = 0;
      lostAt = 0;
      report({ state: "live" });
      await readEvents<ConsoleEvent>(stream, ({ type }) => {
        clearTimeout(quiet);
        quiet = setTimeout(() => {
          silence.abort();
        }, longestSilence);
        if (type === "lost") everything();
        for (const noun of nouns[type]?.told ?? []) told.add(noun);
        for (const noun of nouns[type]?.derived ?? []) derived.add(noun);
      });
    } catch {
      // A lost stream is a state one sees, not an error to print: it is reported below and tried again.
    } finally {
      clearTimeout(quiet);
    }
    if (signal.aborted) return;
    lostAt ||= Date.now();
    const wait = Math.min(longestWait, 1000 * 2 ** failures++) * (0.5 + Math.random() / 2);
    report({ state: "waiting", retryAt: Date.now() + wait, since: lostAt });
    await pause(wait, wake, signal);
  }
}

/** Waits, until it is woken or ended. */
function pause(milliseconds: number, wake: EventTarget, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = new AbortController();
    const finish = () => {
      clearTimeout(timer);
      over.abort();
      resolve();
    };
    const timer = setTimeout(finish, milliseconds);
    wake.addEventListener("wake", finish, { signal: over.signal });
    signal.addEventListener("abort", finish, { signal: over.signal });
  });
}
