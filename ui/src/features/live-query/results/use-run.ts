import { useMemo, useSyncExternalStore } from "react";
import { emptySnapshot, RunSession, type RunSnapshot } from "./run-session";

const idle = emptySnapshot();
const noSubscription = () => () => undefined;
const idleSnapshot = () => idle;

/** The run of the address, followed while its page is open. */
export function useRun(
  tenant: string,
  runId: string | undefined,
): { session: RunSession | null; run: RunSnapshot } {
  const session = useMemo(() => (runId ? new RunSession(tenant, runId) : null), [tenant, runId]);
  const run = useSyncExternalStore(session?.subscribe ?? noSubscription, session?.get ?? idleSnapshot);
  return { session, run };
}
