import type { BulkAction } from "@/components/record-list/bulk-bar";
import { Card } from "@/components/record-list/card-list";
import type { RecordFacet } from "@/components/record-list/record-facets";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import { SeverityBadge, SeverityWord } from "@/components/severity-badge";
import { Time } from "@/components/time";
import type { Listing } from "@/lib/api/client";
import type { Alert } from "@/lib/api/types";
import type { Sort } from "@/lib/grid/filter";
import { compareSeverities } from "@/lib/severity";
import type { AlertMove } from "../api/alerts";
import { alertColumns, alertFields } from "./alert-columns";
import { AlertPeek } from "./alert-peek";

const noun = { one: "alert", many: "alerts" };
const idOf = ({ id }: Alert) => id;
const nameOf = ({ title, hostnames }: Alert) => `${title} on ${(hostnames ?? []).join(", ")}`;
const worstFirst: Sort = { column: "severity", descending: false };
const sortFields = { severity: "rank" };
const facets: RecordFacet<Alert>[] = [
  {
    column: "severity",
    title: "Severity",
    of: ({ severity }) => severity,
    label: (severity) => <SeverityWord severity={severity} />,
    compare: compareSeverities,
  },
  { column: "rule", title: "Rule", of: ({ rule }) => rule },
  { column: "tenant", title: "Tenant", of: ({ tenant_name }) => tenant_name },
];

/** What rules raised: the worst first, and after an action the next one is current. */
export function AlertList({
  tenant,
  alerts,
  stale,
  search,
  onSearch,
  onMove,
  bulk,
}: {
  tenant: string;
  alerts: Listing<Alert>;
  stale: boolean;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
  onMove?: (alert: Alert, move: AlertMove) => void;
  bulk?: BulkAction<Alert>[];
}) {
  return (
    <RecordList
      noun={noun}
      listing={alerts}
      holdsNew
      idOf={idOf}
      columns={alertColumns}
      fields={alertFields}
      defaultSort={worstFirst}
      sortFields={sortFields}
      facets={facets}
      stale={stale}
      bulk={bulk}
      nameOf={nameOf}
      search={search}
      onSearch={onSearch}
      card={(alert) => (
        <Card
          title={alert.title}
          badge={<SeverityBadge severity={alert.severity} />}
          facts={[(alert.hostnames ?? []).join(", "), <Time key="opened" at={alert.opened_at} />]}
        />
      )}
      peek={(id, alert, next) => (
        <AlertPeek
          key={id}
          tenant={tenant}
          id={id}
          known={alert}
          onMove={
            onMove &&
            ((moved, move) => {
              onSearch({ sel: next?.id });
              onMove(moved, move);
            })
          }
          onClose={() => {
            onSearch({ sel: undefined });
          }}
        />
      )}
    />
  );
}
