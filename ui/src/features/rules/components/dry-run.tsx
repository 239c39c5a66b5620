import { AgentLink } from "@/components/agent-link";
import { Time } from "@/components/time";
import type { DryRun } from "@/lib/api/types";
import { num, plural } from "@/lib/format";
import { NoiseChart } from "./noise-chart";

/** Agents and firings shown: the noisiest, and the youngest. */
const shownAgents = 8;
const shownFirings = 20;

/** How noisy a rule would have been, on which agents and of what, before anybody is woken by it. */
export function DryRunResult({ result }: { result: DryRun }) {
  const agents = result.agents ?? [];
  const firings = result.firings ?? [];
  return (
    <div role="status" className="border-t border-border px-3.5 py-3">
      <p className="font-semibold">
        {result.basis === "now"
          ? `Would fire now on ${plural(agents.length, "agent")}`
          : `Would have fired ${plural(result.fired, "time")} on ${plural(agents.length, "agent")}`}
        {result.truncated && " or more"}
      </p>
      <p className="text-xs text-fg-muted tnum">
        Judged at {plural(result.moments, "moment")}
        {result.basis === "history" && `; ${plural(result.firing, "alert")} would be open now`}
        {result.truncated && ". It ended at a limit: choose fewer days"}.
      </p>
      {result.errors > 0 && (
        <p className="mt-1 text-xs text-bad-fg">
          {plural(result.errors, "judgement")} failed: {result.last_error}
        </p>
      )}
      {result.basis === "history" && <NoiseChart result={result} />}
      {agents.length > 0 && (
        <>
          <h3 className="mt-3 text-2xs font-medium text-fg-subtle">Noisiest agents</h3>
          <ul className="text-xs">
            {agents.slice(0, shownAgents).map((agent) => (
              <li key={agent.agent_id} className="flex min-h-6 items-center gap-2">
                <span className="min-w-0 flex-1 truncate">
                  <AgentLink id={agent.agent_id} hostname={agent.hostname} />
                </span>
                <span className="text-fg-muted tnum">{num(agent.fired)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {firings.length > 0 && (
        <>
          <h3 className="mt-3 text-2xs font-medium text-fg-subtle">Youngest firings</h3>
          <ul className="text-xs">
            {firings.slice(0, shownFirings).map((firing, index) => (
              <li key={index} className="border-t border-border py-1 first:border-t-0">
                <span className="break-words">{firing.message}</span>{" "}
                <span className="text-fg-subtle">
                  {firing.hostname}, <Time at={firing.at} />
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
