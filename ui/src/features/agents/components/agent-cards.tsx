import type { ReactNode } from "react";
import { AgentLink } from "@/components/agent-link";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { Agent } from "@/lib/api/types";
import { plural } from "@/lib/format";

/** Cards shown on a phone; the palette finds the others. */
const shownAtOnce = 100;

/** Agents on a phone: name and state, then two facts. */
export function AgentCards({ agents, empty }: { agents: Agent[]; empty: ReactNode }) {
  if (agents.length === 0) return <div className="min-h-0 flex-1">{empty}</div>;
  return (
    <ul className="min-h-0 flex-1 divide-y divide-border overflow-y-auto bg-surface">
      {agents.slice(0, shownAtOnce).map((agent) => (
        <li key={agent.id} className="flex flex-col gap-1 px-4 py-2.5">
          <div className="flex items-center gap-2">
            <AgentLink id={agent.id} hostname={agent.hostname} className="min-w-0 flex-1 py-0.5 text-md" />
            <StatusBadge status={agent.status} />
          </div>
          <p className="flex gap-1.5 text-xs text-fg-muted">
            <span className="truncate">{[agent.os_name, agent.os_version].filter(Boolean).join(" ")}</span>·
            <span className="whitespace-nowrap">{plural(agent.open_findings, "finding")}</span>·
            <span className="whitespace-nowrap">
              <Time at={agent.last_seen_at} />
            </span>
          </p>
        </li>
      ))}
      {agents.length > shownAtOnce && (
        <li className="px-4 py-3 text-xs text-fg-muted">The first {shownAtOnce}. Search finds the others.</li>
      )}
    </ul>
  );
}
