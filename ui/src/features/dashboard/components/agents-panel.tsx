import { Link } from "@tanstack/react-router";
import { Panel } from "@/components/panel";
import { isStatus, statuses } from "@/components/status-badge";
import type { Agent } from "@/lib/api/types";
import { num } from "@/lib/format";

const tones: Record<string, string> = {
  online: "text-ok-fg",
  offline: "text-off-fg",
  pending: "text-warn-fg",
  revoked: "text-bad-fg",
  decommissioned: "text-off-fg",
};

/** How many agents are in which state, each line the way to them. */
export function AgentsPanel({ tenant, agents }: { tenant: string; agents: Agent[] }) {
  const states = (["online", "offline", "pending", "revoked", "decommissioned"] as const).map((status) => ({
    status,
    count: agents.filter((agent) => agent.status === status).length,
  }));
  return (
    <Panel title="Agents" aside={<span className="text-2xl font-[650] tnum">{num(agents.length)}</span>}>
      <ul className="px-2 pt-1 pb-2">
        {states
          .filter(({ status, count }) => count > 0 || status === "online" || status === "offline")
          .map(({ status, count }) => {
            const { word, icon: Icon } = statuses[isStatus(status) ? status : "never"];
            return (
              <li key={status}>
                <Link
                  to="/t/$tenant/agents"
                  params={{ tenant }}
                  search={{ f: `status:= ${status}` }}
                  className="focus-inset flex h-8 items-center gap-2 rounded-xs px-1.5 hover:bg-hover"
                >
                  <Icon size={14} strokeWidth={1.75} aria-hidden className={tones[status]} />
                  <span className="flex-1">{word}</span>
                  <span className="font-medium tnum">{num(count)}</span>
                </Link>
              </li>
            );
          })}
      </ul>
    </Panel>
  );
}
