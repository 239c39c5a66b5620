import { AgentLink } from "@/components/agent-link";
import type { BulkAction } from "@/components/record-list/bulk-bar";
import { Card } from "@/components/record-list/card-list";
import type { RecordFacet } from "@/components/record-list/record-facets";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { Listing } from "@/lib/api/client";
import type { Agent } from "@/lib/api/types";
import { plural } from "@/lib/format";
import { platformName } from "@/lib/platforms";
import { agentColumns, agentFields } from "./agent-columns";
import { StatusLabel } from "./status-label";

const facets: RecordFacet<Agent>[] = [
  {
    column: "status",
    title: "Status",
    of: ({ status }) => status,
    label: (status) => <StatusLabel status={status as Agent["status"]} />,
  },
  { column: "platform", title: "Platform", of: ({ platform }) => platform, label: platformName },
  { column: "tenant", title: "Tenant", of: ({ tenant_name }) => tenant_name },
  { column: "version", title: "Agent version", of: ({ version }) => version },
];

const noun = { one: "agent", many: "agents" };
const idOf = ({ id }: Agent) => id;
const nameOf = ({ hostname }: Agent) => hostname;

interface AgentListProps {
  agents: Listing<Agent>;
  stale: boolean;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
  bulk?: BulkAction<Agent>[];
  onOpen: (agent: Agent) => void;
}

/** The agents: which are there, and which are not well. */
export function AgentList({ agents, ...props }: AgentListProps) {
  return (
    <RecordList
      noun={noun}
      listing={agents}
      idOf={idOf}
      nameOf={nameOf}
      columns={agentColumns}
      fields={agentFields}
      facets={facets}
      card={(agent) => (
        <Card
          title={<AgentLink id={agent.id} hostname={agent.hostname} />}
          badge={<StatusBadge status={agent.status} />}
          facts={[
            [agent.os_name, agent.os_version].filter(Boolean).join(" "),
            plural(agent.open_findings, "finding"),
            <Time key="seen" at={agent.last_seen_at} />,
          ]}
        />
      )}
      {...props}
    />
  );
}
