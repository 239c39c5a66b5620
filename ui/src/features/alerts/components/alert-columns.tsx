import type { GridColumn } from "@/components/data-grid/types";
import { SeverityBadge } from "@/components/severity-badge";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { Alert } from "@/lib/api/types";
import { num } from "@/lib/format";
import { textOf, type Value } from "@/lib/grid/column-store";
import { severities, severityOf } from "@/lib/severity";

export const alertFields: Record<string, (alert: Alert) => Value> = {
  severity: ({ severity }) => severity,
  rank: ({ severity }) => severities.indexOf(severityOf(severity)),
  title: ({ title }) => title,
  rule: ({ rule }) => rule,
  agents: ({ hostnames }) => (hostnames ?? []).join(", "),
  members: ({ members }) => members,
  occurrences: ({ occurrences }) => occurrences,
  state: ({ state }) => state,
  tenant: ({ tenant_name }) => tenant_name,
  opened: ({ opened_at }) => opened_at,
  seen: ({ last_seen_at }) => last_seen_at,
};

export function alertColumns(alerts: Alert[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(alertFields[field](alerts[row]));
  const time = (id: string, header: string, at: (alert: Alert) => string): GridColumn => ({
    id,
    header,
    width: 112,
    kind: "time",
    text: text(id),
    cell: (row) => <Time at={at(alerts[row])} />,
  });
  return [
    {
      id: "severity",
      header: "Severity",
      width: 120,
      text: text("severity"),
      cell: (row) => <SeverityBadge severity={alerts[row].severity} />,
    },
    {
      id: "title",
      header: "Alert",
      width: 330,
      text: text("title"),
      cell: (row) => (
        <span className="truncate font-[550]" title={alerts[row].message || undefined}>
          {alerts[row].title}
        </span>
      ),
    },
    { id: "agents", header: "Agents", width: 200, text: text("agents") },
    {
      id: "members",
      header: "Findings",
      width: 88,
      align: "end",
      kind: "number",
      text: text("members"),
      cell: (row) => num(alerts[row].members),
    },
    {
      id: "occurrences",
      header: "Times",
      hint: "How often it came back since it was opened.",
      width: 76,
      align: "end",
      kind: "number",
      text: text("occurrences"),
      cell: (row) => num(alerts[row].occurrences),
    },
    {
      id: "state",
      header: "State",
      width: 124,
      text: text("state"),
      cell: (row) => <StatusBadge status={alerts[row].state} />,
    },
    { id: "rule", header: "Rule", width: 170, mono: true, text: text("rule") },
    { id: "tenant", header: "Tenant", width: 140, text: text("tenant") },
    time("opened", "Opened", ({ opened_at }) => opened_at),
    time("seen", "Last seen", ({ last_seen_at }) => last_seen_at),
  ];
}
