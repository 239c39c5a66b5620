import { AgentCell } from "@/components/data-grid/agent-cell";
import type { GridColumn } from "@/components/data-grid/types";
import { SeverityBadge } from "@/components/severity-badge";
import { Time } from "@/components/time";
import type { Finding } from "@/lib/api/types";
import { textOf, type Value } from "@/lib/grid/column-store";
import { severities, severityOf } from "@/lib/severity";

/** What one sorts and filters findings by. `rank` orders severities, which their words do not. */
export const findingFields: Record<string, (finding: Finding) => Value> = {
  severity: ({ severity }) => severity,
  rank: ({ severity }) => severities.indexOf(severityOf(severity)),
  title: ({ title }) => title,
  subject: ({ subject }) => subject,
  agent: ({ hostname }) => hostname,
  tenant: ({ tenant_name }) => tenant_name,
  kind: ({ kind }) => kind,
  message: ({ message }) => message,
  since: ({ first_seen_at }) => first_seen_at,
  seen: ({ last_seen_at }) => last_seen_at,
};

export function findingColumns(findings: Finding[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(findingFields[field](findings[row]));
  return [
    {
      id: "severity",
      header: "Severity",
      width: 120,
      text: text("severity"),
      cell: (row) => <SeverityBadge severity={findings[row].severity} />,
    },
    {
      id: "title",
      header: "Finding",
      width: 310,
      text: text("title"),
      cell: (row) => (
        <span className="truncate font-[550]" title={findings[row].message || undefined}>
          {findings[row].title}
        </span>
      ),
    },
    {
      id: "agent",
      header: "Agent",
      width: 170,
      text: text("agent"),
      cell: (row) => (
        <AgentCell id={findings[row].agent_id} hostname={findings[row].hostname} className="font-normal" />
      ),
    },
    { id: "subject", header: "Subject", width: 180, mono: true, text: text("subject") },
    { id: "kind", header: "Kind", width: 104, text: text("kind") },
    { id: "tenant", header: "Tenant", width: 140, text: text("tenant") },
    {
      id: "since",
      header: "First seen",
      width: 112,
      kind: "time",
      text: text("since"),
      cell: (row) => <Time at={findings[row].first_seen_at} />,
    },
    {
      id: "seen",
      header: "Last seen",
      width: 112,
      kind: "time",
      text: text("seen"),
      cell: (row) => <Time at={findings[row].last_seen_at} />,
    },
  ];
}
