import { Link } from "@tanstack/react-router";
import type { BulkAction } from "@/components/record-list/bulk-bar";
import { Card } from "@/components/record-list/card-list";
import type { RecordFacet } from "@/components/record-list/record-facets";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import { SeverityBadge, SeverityWord } from "@/components/severity-badge";
import { Time } from "@/components/time";
import { useHotkey } from "@/hooks/use-hotkey";
import type { Listing } from "@/lib/api/client";
import type { Finding } from "@/lib/api/types";
import type { Sort } from "@/lib/grid/filter";
import { compareSeverities } from "@/lib/severity";
import { findingColumns, findingFields } from "./finding-columns";
import { FindingPeek } from "./finding-peek";

interface FindingListProps {
  tenant: string;
  findings: Listing<Finding>;
  stale: boolean;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
  onOpen: (finding: Finding) => void;
  /** Absent when the person may not change findings. */
  bulk?: BulkAction<Finding>[];
  /** Acknowledges a finding or takes that back; absent as `bulk` is. */
  onTurn?: (finding: Finding, to: "acknowledged" | "open") => void;
  onOpenQuery?: (sql: string) => void;
}

const noun = { one: "finding", many: "findings" };
const idOf = ({ id }: Finding) => id;
const nameOf = ({ title, hostname }: Finding) => `${title} on ${hostname}`;
const worstFirst: Sort = { column: "severity", descending: false };
const sortFields = { severity: "rank" };
const facets: RecordFacet<Finding>[] = [
  {
    column: "severity",
    title: "Severity",
    of: ({ severity }) => severity,
    label: (severity) => <SeverityWord severity={severity} />,
    compare: compareSeverities,
  },
  { column: "title", title: "Check", of: ({ title }) => title },
  { column: "kind", title: "Kind", of: ({ kind }) => kind },
  { column: "tenant", title: "Tenant", of: ({ tenant_name }) => tenant_name },
];

/** The queue: worst first, a peek beside it, and after an action the next row is current. */
export function FindingList({
  tenant,
  findings,
  search,
  onSearch,
  onTurn,
  onOpenQuery,
  ...props
}: FindingListProps) {
  return (
    <RecordList
      noun={noun}
      listing={findings}
      holdsNew
      idOf={idOf}
      nameOf={nameOf}
      columns={findingColumns}
      fields={findingFields}
      defaultSort={worstFirst}
      sortFields={sortFields}
      facets={facets}
      search={search}
      onSearch={onSearch}
      card={(finding) => (
        <Card
          title={
            <Link to="/t/$tenant/findings/$findingId" params={{ tenant, findingId: finding.id }}>
              {finding.title}
            </Link>
          }
          badge={<SeverityBadge severity={finding.severity} />}
          facts={[finding.hostname, <Time key="since" at={finding.first_seen_at} />]}
        />
      )}
      peek={(id, finding, next) => (
        <WorkedPeek
          key={id}
          tenant={tenant}
          id={id}
          known={finding}
          onClose={() => {
            onSearch({ sel: undefined });
          }}
          onTurn={
            onTurn &&
            ((worked, to) => {
              onSearch({ sel: next?.id });
              onTurn(worked, to);
            })
          }
          onOpenQuery={onOpenQuery}
        />
      )}
      {...props}
    />
  );
}

/** The peek with its keys: the queue can be worked without the mouse. */
function WorkedPeek(props: Parameters<typeof FindingPeek>[0]) {
  const { known, onTurn } = props;
  useHotkey(
    "a",
    () => {
      if (known) onTurn?.(known, "acknowledged");
    },
    Boolean(onTurn) && known?.state === "open",
  );
  return <FindingPeek {...props} />;
}
