import { AgentCell } from "@/components/data-grid/agent-cell";
import type { GridColumn } from "@/components/data-grid/types";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { Agent } from "@/lib/api/types";
import { num } from "@/lib/format";
import { textOf, type Value } from "@/lib/grid/column-store";
import { platformName } from "@/lib/platforms";

/** What one sorts and filters agents by. */
export const agentFields: Record<string, (agent: Agent) => Value> = {
  hostname: ({ hostname }) => hostname,
  status: ({ status }) => status,
  tenant: ({ tenant_name }) => tenant_name,
  os: ({ os_name, os_version }) => [os_name, os_version].filter(Boolean).join(" "),
  platform: ({ platform }) => platform,
  findings: ({ open_findings }) => open_findings,
  seen: ({ last_seen_at }) => last_seen_at ?? null,
  version: ({ version }) => version,
  arch: ({ arch }) => arch,
  tags: ({ tags }) => (tags ?? []).join(" "),
  enrolled: ({ enrolled_at }) => enrolled_at,
};

/** The agent list's columns, reading the rows of `agents`. */
export function agentColumns(agents: Agent[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(agentFields[field](agents[row]));
  return [
    {
      id: "hostname",
      header: "Agent",
      width: 200,
      text: text("hostname"),
      cell: (row) => <AgentCell id={agents[row].id} hostname={agents[row].hostname} />,
    },
    {
      id: "status",
      header: "Status",
      width: 112,
      text: text("status"),
      cell: (row) => <StatusBadge status={agents[row].status} />,
    },
    { id: "tenant", header: "Tenant", width: 130, text: text("tenant") },
    { id: "os", header: "System", width: 210, text: text("os") },
    {
      id: "findings",
      header: "Findings",
      width: 104,
      align: "end",
      kind: "number",
      text: text("findings"),
      cell: (row) => <FindingCount count={agents[row].open_findings} />,
    },
    {
      id: "seen",
      header: "Last seen",
      width: 116,
      kind: "time",
      text: text("seen"),
      cell: (row) => <Time at={agents[row].last_seen_at} />,
    },
    { id: "version", header: "Version", width: 112, mono: true, text: text("version") },
    {
      id: "tags",
      header: "Tags",
      width: 170,
      text: text("tags"),
      cell: (row) => <Tags tags={agents[row].tags ?? []} />,
    },
    {
      id: "platform",
      header: "Platform",
      width: 92,
      text: text("platform"),
      cell: (row) => platformName(agents[row].platform),
    },
    { id: "arch", header: "Arch", width: 80, mono: true, text: text("arch") },
    {
      id: "enrolled",
      header: "Enrolled",
      width: 110,
      kind: "time",
      text: text("enrolled"),
      cell: (row) => <Time at={agents[row].enrolled_at} />,
    },
  ];
}

function FindingCount({ count }: { count: number }) {
  return <span className={count === 0 ? "text-fg-subtle" : "font-medium"}>{num(count)}</span>;
}

export function Tags({ tags }: { tags: string[] }) {
  if (tags.length === 0) return <span className="text-fg-subtle">none</span>;
  return (
    <span className="flex min-w-0 gap-1 overflow-hidden">
      {tags.map((tag) => (
        <span
          key={tag}
          className="truncate rounded-xs border border-border bg-sunken px-1.5 text-[11.5px] leading-[18px] dark:bg-hover"
        >
          {tag}
        </span>
      ))}
    </span>
  );
}
