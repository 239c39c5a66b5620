import { useMemo } from "react";
import type { GridColumn } from "@/components/data-grid/types";
import type { BulkAction } from "@/components/record-list/bulk-bar";
import { Card } from "@/components/record-list/card-list";
import type { RecordFacet } from "@/components/record-list/record-facets";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import { SeverityBadge, SeverityWord } from "@/components/severity-badge";
import { Time } from "@/components/time";
import type { Listing } from "@/lib/api/client";
import type { Finding } from "@/lib/api/types";
import { num, plural } from "@/lib/format";
import { textOf, type Value } from "@/lib/grid/column-store";
import type { Sort } from "@/lib/grid/filter";
import { compareSeverities, severities, severityOf } from "@/lib/severity";
import { groupFindings, type FindingGroup, type GroupedBy } from "../finding-groups";

const words = {
  check: { noun: { one: "check", many: "checks" }, header: "Finding", spread: "Agents", of: "agent" },
  agent: { noun: { one: "agent", many: "agents" }, header: "Agent", spread: "Checks", of: "check" },
};
const idOf = ({ id }: FindingGroup) => id;
const nameOf = ({ title }: FindingGroup) => title;
const worstFirst: Sort = { column: "severity", descending: false };
const sortFields = { severity: "rank" };
const facets: RecordFacet<FindingGroup>[] = [
  {
    column: "severity",
    title: "Severity",
    of: ({ severity }) => severity,
    label: (severity) => <SeverityWord severity={severity} />,
    compare: compareSeverities,
  },
];
const fields: Record<string, (group: FindingGroup) => Value> = {
  severity: ({ severity }) => severity,
  rank: ({ severity }) => severities.indexOf(severityOf(severity)),
  title: ({ title }) => title,
  findings: ({ findings }) => findings.length,
  spread: ({ spread }) => spread,
  first: ({ firstSeen }) => firstSeen,
  last: ({ lastSeen }) => lastSeen,
};

/** Findings put together: one check that fails on a hundred agents is one line. A line opens its findings. */
export function FindingGroupList({
  by,
  findings,
  stale,
  search,
  onSearch,
  onOpen,
  bulk,
}: {
  by: GroupedBy;
  findings: Listing<Finding>;
  stale: boolean;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
  onOpen: (group: FindingGroup) => void;
  bulk?: BulkAction<FindingGroup>[];
}) {
  const { noun, of } = words[by];
  const listing = useMemo(
    () => ({ items: groupFindings(findings.items, by), complete: findings.complete }),
    [findings, by],
  );
  const columns = useMemo(() => (groups: FindingGroup[]) => columnsOf(by, groups), [by]);
  return (
    <RecordList
      noun={noun}
      listing={listing}
      idOf={idOf}
      nameOf={nameOf}
      columns={columns}
      fields={fields}
      defaultSort={worstFirst}
      sortFields={sortFields}
      facets={facets}
      stale={stale}
      search={search}
      onSearch={onSearch}
      onOpen={onOpen}
      bulk={bulk}
      card={(group) => (
        <Card
          title={
            <button
              type="button"
              className="text-left"
              onClick={() => {
                onOpen(group);
              }}
            >
              {group.title}
            </button>
          }
          badge={<SeverityBadge severity={group.severity} />}
          facts={[plural(group.findings.length, "finding"), plural(group.spread, of)]}
        />
      )}
    />
  );
}

function columnsOf(by: GroupedBy, groups: FindingGroup[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(fields[field](groups[row]));
  const { header, spread } = words[by];
  return [
    {
      id: "severity",
      header: "Worst",
      width: 104,
      text: text("severity"),
      cell: (row) => <SeverityBadge severity={groups[row].severity} />,
    },
    {
      id: "title",
      header,
      width: 380,
      text: text("title"),
      cell: (row) => <span className="truncate font-[550]">{groups[row].title}</span>,
    },
    {
      id: "findings",
      header: "Findings",
      width: 96,
      align: "end",
      text: text("findings"),
      cell: (row) => num(groups[row].findings.length),
    },
    {
      id: "spread",
      header: spread,
      width: 96,
      align: "end",
      text: text("spread"),
      cell: (row) => num(groups[row].spread),
    },
    {
      id: "first",
      header: "First seen",
      width: 112,
      kind: "time",
      text: text("first"),
      cell: (row) => <Time at={groups[row].firstSeen} />,
    },
    {
      id: "last",
      header: "Last seen",
      width: 112,
      kind: "time",
      text: text("last"),
      cell: (row) => <Time at={groups[row].lastSeen} />,
    },
  ];
}
