import { CircleCheck, OctagonAlert } from "lucide-react";
import { Badge } from "@/components/badge";
import type { GridColumn } from "@/components/data-grid/types";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { Client } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { num } from "@/lib/format";
import { textOf, type Value } from "@/lib/grid/column-store";

/** Share of a score below which it stands out. */
const lowScore = 50;

export const clientFields: Record<string, (client: Client) => Value> = {
  needs: ({ needs_me }) => (needs_me ?? []).join("; "),
  urgency: urgencyOf,
  name: ({ name }) => name,
  plan: ({ plan }) => plan,
  status: ({ status }) => status,
  compliance: ({ compliance_score }) => compliance_score,
  critical: ({ findings_critical }) => findings_critical,
  high: ({ findings_high }) => findings_high,
  medium: ({ findings_medium }) => findings_medium,
  low: ({ findings_low }) => findings_low,
  overdue: ({ overdue_days }) => overdue_days,
  agents: ({ agents }) => agents,
  offline: ({ agents, agents_online }) => agents - agents_online,
  tenants: ({ tenants }) => tenants,
  acting: ({ grants }) => grants,
  seen: ({ last_seen_at }) => last_seen_at,
};

/** Orders customers by who needs one first: those with a reason, then by what is open. */
export function urgencyOf(client: Client): number {
  const reasons = client.needs_me?.length ?? 0;
  return (
    reasons * 1e9 +
    Math.min(client.findings_critical, 999) * 1e6 +
    Math.min(client.findings_high, 999) * 1e3 +
    Math.min(client.findings_medium, 999)
  );
}

/** Why somebody should look at a customer now, or that nobody needs to. */
export function NeedsMe({ client }: { client: Client }) {
  const reasons = client.needs_me ?? [];
  if (reasons.length === 0) {
    return (
      <Badge tone="ok">
        <CircleCheck aria-hidden />
        Nothing
      </Badge>
    );
  }
  return (
    <span className="flex min-w-0 items-center gap-1.5 text-bad-fg" title={reasons.join("; ")}>
      <OctagonAlert size={13} className="shrink-0" aria-hidden />
      <span className="truncate first-letter:uppercase">{reasons.join("; ")}</span>
    </span>
  );
}

function Count({ value, className }: { value: number; className: string }) {
  return <span className={cn("tnum", value > 0 ? className : "text-fg-subtle")}>{num(value)}</span>;
}

/** A share of the checks that pass, or that none has been judged. */
export function Score({ score }: { score: number | null }) {
  if (score === null) return <span className="text-fg-subtle">not judged</span>;
  return (
    <span className="inline-flex items-center gap-2">
      <span aria-hidden className="h-[5px] w-11 overflow-hidden rounded-[3px] bg-sunken dark:bg-hover">
        <span
          className={cn("block h-full", score < lowScore ? "bg-bad" : "bg-ok")}
          style={{ width: `${score}%` }}
        />
      </span>
      <span className={cn("tnum", score < lowScore && "font-semibold text-bad-fg")}>
        {score.toFixed(1)} %
      </span>
    </span>
  );
}

export function clientColumns(clients: Client[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(clientFields[field](clients[row]));
  return [
    {
      id: "needs",
      header: "Needs me",
      width: 212,
      hint: "A critical finding is open too long, agents are down, nothing is enrolled, or the tenant is not active",
      text: text("needs"),
      cell: (row) => <NeedsMe client={clients[row]} />,
    },
    {
      id: "name",
      header: "Customer",
      width: 190,
      text: text("name"),
      cell: (row) => <span className="truncate font-[550]">{clients[row].name}</span>,
    },
    {
      id: "compliance",
      header: "Compliance",
      width: 130,
      text: text("compliance"),
      cell: (row) => <Score score={clients[row].compliance_score} />,
    },
    {
      id: "critical",
      header: "Critical",
      width: 92,
      align: "end",
      text: text("critical"),
      cell: (row) => (
        <Count value={clients[row].findings_critical} className="font-semibold text-critical-fg" />
      ),
    },
    {
      id: "high",
      header: "High",
      width: 72,
      align: "end",
      text: text("high"),
      cell: (row) => <Count value={clients[row].findings_high} className="font-semibold text-high-fg" />,
    },
    {
      id: "medium",
      header: "Medium",
      width: 96,
      align: "end",
      text: text("medium"),
      cell: (row) => <Count value={clients[row].findings_medium} className="text-fg" />,
    },
    {
      id: "overdue",
      header: "Oldest critical",
      width: 132,
      align: "end",
      text: text("overdue"),
      cell: (row) =>
        clients[row].overdue_days > 0 ? (
          <span className="font-semibold text-critical-fg tnum">{num(clients[row].overdue_days)} d</span>
        ) : (
          <span className="text-fg-subtle">none</span>
        ),
    },
    {
      id: "offline",
      header: "Agents on/all",
      width: 116,
      align: "end",
      text: (row) => `${clients[row].agents_online}/${clients[row].agents}`,
      cell: (row) => {
        const { agents, agents_online } = clients[row];
        return (
          <span className={cn("tnum", agents_online < agents && "text-warn-fg")}>
            {num(agents_online)}/{num(agents)}
          </span>
        );
      },
    },
    { id: "plan", header: "Plan", width: 96, text: text("plan") },
    {
      id: "status",
      header: "Status",
      width: 112,
      text: text("status"),
      cell: (row) => <StatusBadge status={clients[row].status} />,
    },
    { id: "tenants", header: "Tenants", width: 80, align: "end", text: text("tenants") },
    {
      id: "acting",
      header: "Acting",
      width: 76,
      align: "end",
      hint: "How many act in it from above now",
      text: text("acting"),
    },
    {
      id: "seen",
      header: "Last heard",
      width: 104,
      filterable: false,
      text: text("seen"),
      cell: (row) => <Time at={clients[row].last_seen_at} />,
    },
  ];
}
