import type { GridColumn } from "@/components/data-grid/types";
import { SeverityBadge } from "@/components/severity-badge";
import { StatusBadge } from "@/components/status-badge";
import type { Rule } from "@/lib/api/types";
import { textOf, type Value } from "@/lib/grid/column-store";
import { severities, severityOf } from "@/lib/severity";

const sources = { product: "Tenantra", tenant: "This tenant", inherited: "Inherited" };

export const ruleFields: Record<string, (rule: Rule) => Value> = {
  title: ({ title, rule }) => title || rule,
  rule: ({ rule }) => rule,
  severity: ({ severity }) => severity,
  rank: ({ severity }) => severities.indexOf(severityOf(severity)),
  state: ({ enabled }) => (enabled ? "on" : "off"),
  on: ({ on }) => on,
  notify: ({ notify }) => (notify ?? []).join(", "),
  source: ({ source }) => sources[source],
};

export function ruleColumns(rules: Rule[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(ruleFields[field](rules[row]));
  return [
    {
      id: "title",
      header: "Rule",
      width: 320,
      text: text("title"),
      cell: (row) => (
        <span className="truncate font-[550]" title={rules[row].description ?? undefined}>
          {rules[row].title || rules[row].rule}
        </span>
      ),
    },
    {
      id: "severity",
      header: "Severity",
      width: 120,
      text: text("severity"),
      cell: (row) => <SeverityBadge severity={rules[row].severity} />,
    },
    {
      id: "state",
      header: "State",
      width: 84,
      text: text("state"),
      cell: (row) => <StatusBadge status={rules[row].error ? "error" : rules[row].enabled ? "on" : "off"} />,
    },
    { id: "on", header: "Judges", width: 110, text: text("on") },
    { id: "notify", header: "Tells", width: 200, text: text("notify") },
    { id: "source", header: "Source", width: 110, text: text("source") },
    { id: "rule", header: "Name", width: 210, mono: true, text: text("rule") },
  ];
}
