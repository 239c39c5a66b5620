import { Fact, Panel } from "@/components/panel";
import { Time } from "@/components/time";
import type { AgentDetail, Collection } from "@/lib/api/types";
import { duration, num } from "@/lib/format";

/** Collections named: the dearest ones. */
const named = 12;

function mebibytes(bytes: number): string {
  return `${num(Math.round((bytes / 1_048_576) * 10) / 10)} MB`;
}

/** What the agent costs its machine, and which of its queries cost most. */
export function AgentCost({ agent, collections }: { agent: AgentDetail; collections: Collection[] }) {
  const dearest = collections
    .filter(({ cpu_ms }) => cpu_ms > 0)
    .sort((a, b) => b.cpu_ms - a.cpu_ms)
    .slice(0, named);
  const most = Math.max(1, ...dearest.map(({ cpu_ms }) => cpu_ms));
  return (
    <div className="grid flex-none items-start gap-3 p-5 pb-3 max-sm:p-4 md:grid-cols-2">
      <Panel title="The agent itself">
        <dl className="mt-1">
          <Fact name="CPU since its start">
            <span className="tnum">{duration(agent.cpu_ms)}</span>
          </Fact>
          <Fact name="Runs for">
            <span className="tnum">{duration(agent.uptime_seconds * 1000)}</span>
          </Fact>
          <Fact name="Memory">
            <span className="tnum">{mebibytes(agent.rss_bytes)}</span>
          </Fact>
          <Fact name="Waits to be sent">
            <span className="tnum">
              {num(agent.spool_batches)} batches, {mebibytes(agent.spool_bytes)}
              {agent.spool_dropped > 0 && `, ${num(agent.spool_dropped)} dropped`}
            </span>
          </Fact>
          <Fact name="Configuration">
            <span className="tnum">version {num(agent.config_version)}</span>
          </Fact>
        </dl>
      </Panel>
      <Panel title="Dearest queries">
        {dearest.length === 0 ? (
          <p className="border-t border-border px-3.5 py-3 text-fg-muted">No query has told its cost yet.</p>
        ) : (
          <ul className="mt-1">
            {dearest.map(({ collection, cpu_ms, last_batch_at }) => (
              <li key={collection} className="flex h-8 items-center gap-3 border-t border-border px-3.5">
                <span className="min-w-0 flex-1 truncate font-mono text-xs" title={collection}>
                  {collection}
                </span>
                <span aria-hidden className="h-1.5 w-24 rounded-full bg-sunken max-sm:hidden">
                  <i
                    className="block h-full rounded-full bg-chart-1"
                    style={{ width: `${(cpu_ms / most) * 100}%` }}
                  />
                </span>
                <span className="w-16 text-right text-xs tnum">{duration(cpu_ms)}</span>
                <span className="w-20 text-right text-xs text-fg-muted max-sm:hidden">
                  <Time at={last_batch_at} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </div>
  );
}
