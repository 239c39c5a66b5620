import { ArrowLeftRight, Info, Minus, Plus, TriangleAlert, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { Badge, type Tone } from "@/components/badge";
import { CellText } from "@/components/cell-text";
import type { GridColumn } from "@/components/data-grid/types";
import { Card } from "@/components/record-list/card-list";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { Listing } from "@/lib/api/client";
import type { AgentLogEntry, DriftItem, Verdict } from "@/lib/api/types";
import { exactTime } from "@/lib/format";
import { textOf, type Value } from "@/lib/grid/column-store";

interface ListProps<Item> {
  listing: Listing<Item>;
  stale: boolean;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
}

const newestFirst = { column: "at", descending: true };

const verdictFields: Record<string, (verdict: Verdict) => Value> = {
  verdict: ({ verdict }) => verdict,
  check: ({ title }) => title,
  message: ({ message }) => message,
  since: ({ since }) => since,
};
const verdictFacets = [{ column: "verdict", title: "Verdict", of: ({ verdict }: Verdict) => verdict }];
const verdictNoun = { one: "verdict", many: "agent verdicts" };
const checkOf = ({ check }: Verdict) => check;

/** What each check says of the agent; opening one shows it across agents. */
export function AgentVerdicts({
  onOpen,
  ...props
}: ListProps<Verdict> & { onOpen: (verdict: Verdict) => void }) {
  return (
    <RecordList
      noun={verdictNoun}
      idOf={checkOf}
      columns={verdictColumns}
      fields={verdictFields}
      facets={verdictFacets}
      onOpen={onOpen}
      card={(verdict) => (
        <Card
          title={verdict.title}
          badge={<StatusBadge status={verdict.verdict} />}
          facts={[verdict.message, <Time key="since" at={verdict.since} />]}
        />
      )}
      {...props}
    />
  );
}

function verdictColumns(verdicts: Verdict[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(verdictFields[field](verdicts[row]));
  return [
    {
      id: "verdict",
      header: "Verdict",
      width: 130,
      text: text("verdict"),
      cell: (row) => <StatusBadge status={verdicts[row].verdict} />,
    },
    { id: "check", header: "Check", width: 360, text: text("check") },
    { id: "message", header: "What it found", width: 420, text: text("message") },
    {
      id: "since",
      header: "Since",
      width: 112,
      kind: "time",
      text: text("since"),
      cell: (row) => <Time at={verdicts[row].since} />,
    },
  ];
}

const logFields: Record<string, (entry: AgentLogEntry) => Value> = {
  at: ({ at }) => at,
  severity: ({ severity }) => severity,
  code: ({ code }) => code,
  message: ({ message }) => message,
};
const logFacets = [
  { column: "severity", title: "Severity", of: ({ severity }: AgentLogEntry) => severity },
  { column: "code", title: "What", of: ({ code }: AgentLogEntry) => code },
];
const logNoun = { one: "entry", many: "agent log" };
const logId = ({ at, code, message }: AgentLogEntry) => `${at} ${code} ${message}`;
const logTones: Record<AgentLogEntry["severity"], { tone: Tone; icon: LucideIcon; word: string }> = {
  info: { tone: "off", icon: Info, word: "Info" },
  warn: { tone: "warn", icon: TriangleAlert, word: "Warning" },
  error: { tone: "bad", icon: TriangleAlert, word: "Error" },
};

/** What the agent told of its own work: what was denied, throttled or failed, and why. */
export function AgentLog(props: ListProps<AgentLogEntry>) {
  return (
    <RecordList
      noun={logNoun}
      idOf={logId}
      columns={logColumns}
      fields={logFields}
      facets={logFacets}
      defaultSort={newestFirst}
      card={(entry) => (
        <Card
          title={entry.message}
          badge={<Severity entry={entry} />}
          facts={[entry.code, <Time key="at" at={entry.at} />]}
        />
      )}
      {...props}
    />
  );
}

function Severity({ entry }: { entry: AgentLogEntry }) {
  const { tone, icon: Icon, word } = logTones[entry.severity];
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {word}
    </Badge>
  );
}

function logColumns(entries: AgentLogEntry[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(logFields[field](entries[row]));
  return [
    {
      id: "at",
      header: "Time",
      width: 190,
      kind: "time",
      text: (row) => exactTime(new Date(entries[row].at)),
    },
    {
      id: "severity",
      header: "Severity",
      width: 110,
      text: text("severity"),
      cell: (row) => <Severity entry={entries[row]} />,
    },
    { id: "code", header: "What", width: 170, mono: true, text: text("code") },
    { id: "message", header: "Message", width: 560, text: text("message") },
  ];
}

const driftFields: Record<string, (item: DriftItem) => Value> = {
  at: ({ at }) => at,
  change: ({ change }) => change,
  collection: ({ collection }) => collection,
  row: rowText,
  before: ({ was }) => (was ? was.map(String).join(", ") : null),
  rarity: ({ others }) => others,
};
const driftFacets = [
  { column: "change", title: "Change", of: ({ change }: DriftItem) => change },
  { column: "collection", title: "Collection", of: ({ collection }: DriftItem) => collection },
];
const driftNoun = { one: "change", many: "agent changes" };
const driftId = (item: DriftItem) => `${item.at} ${item.collection} ${item.change} ${rowText(item)}`;
const changes: Record<DriftItem["change"], { icon: LucideIcon; word: string; tone: Tone }> = {
  added: { icon: Plus, word: "Added", tone: "ok" },
  removed: { icon: Minus, word: "Removed", tone: "bad" },
  changed: { icon: ArrowLeftRight, word: "Changed", tone: "wait" },
};

function rowText({ columns, value, hidden }: DriftItem): string {
  if (hidden) return hidden;
  return (columns ?? []).map((name, index) => `${name}=${String(value?.[index] ?? "NULL")}`).join(" ");
}

/** What changed on the agent, newest first, and on how many others the row is. */
export function AgentDrift(props: ListProps<DriftItem>) {
  return (
    <RecordList
      noun={driftNoun}
      idOf={driftId}
      columns={driftColumns}
      fields={driftFields}
      facets={driftFacets}
      defaultSort={newestFirst}
      card={(item) => (
        <Card
          title={rowText(item)}
          badge={<Change item={item} />}
          facts={[item.collection, <Time key="at" at={item.at} />]}
        />
      )}
      {...props}
    />
  );
}

function Change({ item }: { item: DriftItem }): ReactNode {
  const { icon: Icon, word, tone } = changes[item.change];
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {word}
    </Badge>
  );
}

function driftColumns(items: DriftItem[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(driftFields[field](items[row]));
  return [
    {
      id: "at",
      header: "When",
      width: 112,
      kind: "time",
      text: text("at"),
      cell: (row) => <Time at={items[row].at} />,
    },
    {
      id: "change",
      header: "Change",
      width: 112,
      text: text("change"),
      cell: (row) => <Change item={items[row]} />,
    },
    { id: "collection", header: "Collection", width: 230, mono: true, text: text("collection") },
    { id: "row", header: "Row", width: 420, mono: true, text: text("row") },
    {
      id: "before",
      header: "Was",
      width: 240,
      mono: true,
      text: text("before"),
      cell: (row) => (items[row].was ? <CellText text={text("before")(row)} /> : null),
    },
    {
      id: "rarity",
      header: "On others",
      width: 96,
      align: "end",
      kind: "number",
      hint: "How many other agents have the same row",
      text: text("rarity"),
    },
  ];
}
