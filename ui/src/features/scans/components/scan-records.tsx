import { Badge } from "@/components/badge";
import { AgentCell } from "@/components/data-grid/agent-cell";
import type { GridColumn } from "@/components/data-grid/types";
import { Card } from "@/components/record-list/card-list";
import type { RecordFacet } from "@/components/record-list/record-facets";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { Listing } from "@/lib/api/client";
import type { ScanAgent, ScanResult } from "@/lib/api/types";
import { duration, num } from "@/lib/format";
import { textOf, type Value } from "@/lib/grid/column-store";

interface RecordsProps<Item> {
  listing: Listing<Item>;
  stale: boolean;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
}

const agentFields: Record<string, (each: ScanAgent) => Value> = {
  state: ({ state }) => state,
  agent: ({ hostname }) => hostname,
  told: ({ collections_told }) => collections_told,
  failed: ({ collections_failed }) => collections_failed,
  expected: ({ collections_expected }) => collections_expected,
  attempts: ({ attempts }) => attempts,
  tenant: ({ tenant }) => tenant,
};
const agentFacets: RecordFacet<ScanAgent>[] = [
  { column: "state", title: "State", of: ({ state }) => state },
  { column: "tenant", title: "Tenant", of: ({ tenant }) => tenant },
];
const agentNoun = { one: "agent", many: "agents asked" };
const agentId = ({ agent_id }: ScanAgent) => agent_id;

function agentColumns(items: ScanAgent[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(agentFields[field](items[row]));
  return [
    {
      id: "state",
      header: "State",
      width: 116,
      text: text("state"),
      cell: (row) => <StatusBadge status={items[row].state} />,
    },
    {
      id: "agent",
      header: "Agent",
      width: 240,
      text: text("agent"),
      cell: (row) => <AgentCell id={items[row].agent_id} hostname={items[row].hostname} />,
    },
    { id: "told", header: "Told", width: 84, align: "end", text: text("told") },
    { id: "failed", header: "Failed", width: 84, align: "end", text: text("failed") },
    { id: "expected", header: "Expected", width: 92, align: "end", text: text("expected") },
    { id: "attempts", header: "Tries", width: 72, align: "end", text: text("attempts") },
    { id: "tenant", header: "Tenant", width: 180, text: text("tenant") },
  ];
}

/** How a scan goes on each agent. */
export function ScanAgents(props: RecordsProps<ScanAgent>) {
  return (
    <RecordList
      {...props}
      noun={agentNoun}
      idOf={agentId}
      columns={agentColumns}
      fields={agentFields}
      facets={agentFacets}
      card={(each) => (
        <Card
          title={each.hostname}
          badge={<StatusBadge status={each.state} />}
          facts={[`${num(each.collections_told)} of ${num(each.collections_expected)} told`, each.tenant]}
        />
      )}
    />
  );
}

const tones = { info: "info", warn: "warn", error: "bad" } as const;
const logNoun = { one: "execution", many: "executions" };
const logId = ({ agent_id, collection, at }: ScanResult) => `${agent_id} ${collection} ${at}`;
const logFields: Record<string, (each: ScanResult) => Value> = {
  at: ({ at }) => at,
  severity: ({ severity }) => severity,
  agent: ({ hostname }) => hostname,
  collection: ({ collection }) => collection,
  rows: ({ rows }) => rows,
  took: ({ duration_ms }) => duration_ms,
  cpu: ({ cpu_ms }) => cpu_ms,
  code: ({ status_code }) => status_code,
  log: ({ execution_log }) => execution_log,
};
const logFacets: RecordFacet<ScanResult>[] = [
  { column: "severity", title: "Severity", of: ({ severity }) => severity },
  { column: "agent", title: "Agent", of: ({ hostname }) => hostname },
];

function logColumns(items: ScanResult[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(logFields[field](items[row]));
  return [
    {
      id: "at",
      header: "Time",
      width: 104,
      filterable: false,
      text: text("at"),
      cell: (row) => <Time at={items[row].at} />,
    },
    {
      id: "severity",
      header: "Severity",
      width: 92,
      text: text("severity"),
      cell: (row) => <Badge tone={tones[items[row].severity]}>{items[row].severity}</Badge>,
    },
    {
      id: "agent",
      header: "Agent",
      width: 180,
      text: text("agent"),
      cell: (row) => <AgentCell id={items[row].agent_id} hostname={items[row].hostname} />,
    },
    { id: "collection", header: "Collection", width: 220, mono: true, text: text("collection") },
    { id: "rows", header: "Rows", width: 84, align: "end", text: text("rows") },
    {
      id: "took",
      header: "Took",
      width: 84,
      align: "end",
      text: text("took"),
      cell: (row) => duration(items[row].duration_ms),
    },
    {
      id: "cpu",
      header: "CPU",
      width: 84,
      align: "end",
      text: text("cpu"),
      cell: (row) => duration(items[row].cpu_ms),
    },
    { id: "code", header: "Code", width: 64, align: "end", text: text("code") },
    { id: "log", header: "What it said", width: 420, text: text("log") },
  ];
}

/** How each execution of a scan went. */
export function ScanLog(props: RecordsProps<ScanResult>) {
  return (
    <RecordList
      {...props}
      noun={logNoun}
      idOf={logId}
      columns={logColumns}
      fields={logFields}
      facets={logFacets}
      card={(each) => (
        <Card
          title={each.collection}
          badge={<Badge tone={tones[each.severity]}>{each.severity}</Badge>}
          facts={[each.hostname, `${num(each.rows)} rows`, each.execution_log]}
        />
      )}
    />
  );
}
