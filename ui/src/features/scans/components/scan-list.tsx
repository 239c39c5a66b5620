import type { GridColumn } from "@/components/data-grid/types";
import { Card } from "@/components/record-list/card-list";
import type { RecordFacet } from "@/components/record-list/record-facets";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { Listing } from "@/lib/api/client";
import type { Scan } from "@/lib/api/types";
import { num, plural } from "@/lib/format";
import { textOf, type Value } from "@/lib/grid/column-store";
import { ScanBar } from "./scan-bar";

const noun = { one: "scan", many: "scans" };
const idOf = ({ id }: Scan) => id;
const ranOf = ({ collections }: Scan) =>
  (collections ?? []).length === 0 ? "All that is scheduled" : (collections ?? []).join(", ");

const fields: Record<string, (scan: Scan) => Value> = {
  created: ({ created_at }) => created_at,
  state: ({ state }) => state,
  what: ranOf,
  targets: ({ counts }) => counts.targets,
  done: ({ counts }) => counts.done,
  failed: ({ counts }) => counts.failed + counts.timed_out,
  by: ({ created_by }) => created_by,
};
const facets: RecordFacet<Scan>[] = [
  { column: "state", title: "State", of: ({ state }) => state },
  { column: "by", title: "Started by", of: ({ created_by }) => created_by },
];

function columnsOf(scans: Scan[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(fields[field](scans[row]));
  const count = (id: "targets" | "done" | "failed", header: string): GridColumn => ({
    id,
    header,
    width: 84,
    align: "end",
    text: text(id),
    cell: (row) => num(Number(fields[id](scans[row]))),
  });
  return [
    {
      id: "created",
      header: "Started",
      width: 112,
      filterable: false,
      text: text("created"),
      cell: (row) => <Time at={scans[row].created_at} />,
    },
    {
      id: "state",
      header: "State",
      width: 112,
      text: text("state"),
      cell: (row) => <StatusBadge status={scans[row].state} />,
    },
    { id: "what", header: "What", width: 340, text: text("what") },
    {
      id: "progress",
      header: "Agents",
      width: 160,
      sortable: false,
      filterable: false,
      text: (row) => `${scans[row].counts.done} of ${scans[row].counts.targets} done`,
      cell: (row) => <ScanBar counts={scans[row].counts} />,
    },
    count("targets", "Asked"),
    count("done", "Done"),
    count("failed", "Failed"),
    { id: "by", header: "Started by", width: 220, text: text("by") },
  ];
}

/** Scans with how they went. */
export function ScanList({
  scans,
  stale,
  search,
  onSearch,
  onOpen,
}: {
  scans: Listing<Scan>;
  stale: boolean;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
  onOpen: (scan: Scan) => void;
}) {
  return (
    <RecordList
      noun={noun}
      listing={scans}
      idOf={idOf}
      columns={columnsOf}
      fields={fields}
      facets={facets}
      stale={stale}
      search={search}
      onSearch={onSearch}
      onOpen={onOpen}
      card={(scan) => (
        <Card
          title={
            <button
              type="button"
              className="min-h-6 text-left hover:text-primary-text hover:underline"
              onClick={() => {
                onOpen(scan);
              }}
            >
              {ranOf(scan)}
            </button>
          }
          badge={<StatusBadge status={scan.state} />}
          facts={[
            plural(scan.counts.targets, "agent"),
            `${num(scan.counts.failed + scan.counts.timed_out)} failed`,
            <Time key="at" at={scan.created_at} />,
          ]}
        />
      )}
    />
  );
}
