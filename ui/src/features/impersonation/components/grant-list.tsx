import { Badge } from "@/components/badge";
import type { GridColumn } from "@/components/data-grid/types";
import { Fact } from "@/components/panel";
import { Peek } from "@/components/peek";
import { Card } from "@/components/record-list/card-list";
import type { RecordFacet } from "@/components/record-list/record-facets";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import type { Listing } from "@/lib/api/client";
import type { Grant } from "@/lib/api/types";
import { textOf, type Value } from "@/lib/grid/column-store";
import { roleWord } from "@/lib/roles";

const noun = { one: "time somebody acted here", many: "accesses from above" };
const idOf = ({ id }: Grant) => id;
const asWhom = ({ user, role }: Grant) => user || roleWord(role);

/** Whether a grant holds: its end by time is written nowhere. */
function holds({ ended_at, expires_at }: Grant): boolean {
  return ended_at === null && Date.parse(expires_at) > Date.now();
}
const stateOf = (grant: Grant) => (holds(grant) ? "Acting now" : "Over");

const fields: Record<string, (grant: Grant) => Value> = {
  state: stateOf,
  actor: ({ actor }) => actor,
  as: asWhom,
  reason: ({ reason }) => reason,
  tenant: ({ tenant_name }) => tenant_name,
  started: ({ started_at }) => started_at,
  ended: ({ ended_at, expires_at }) => ended_at ?? expires_at,
  by: (grant) => endedBy(grant),
};
const facets: RecordFacet<Grant>[] = [
  { column: "state", title: "State", of: stateOf },
  { column: "actor", title: "Who", of: ({ actor }) => actor },
  { column: "tenant", title: "Tenant", of: ({ tenant_name }) => tenant_name },
];

function endedBy(grant: Grant): string {
  if (holds(grant)) return "";
  return grant.ended_at === null ? "its time was over" : grant.ended_by;
}

function StateBadge({ grant }: { grant: Grant }) {
  return <Badge tone={holds(grant) ? "warn" : "off"}>{stateOf(grant)}</Badge>;
}

function columnsOf(grants: Grant[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(fields[field](grants[row]));
  return [
    {
      id: "state",
      header: "State",
      width: 110,
      text: text("state"),
      cell: (row) => <StateBadge grant={grants[row]} />,
    },
    { id: "actor", header: "Who", width: 220, text: text("actor") },
    { id: "as", header: "As", width: 140, text: text("as") },
    { id: "reason", header: "Reason", width: 380, text: text("reason") },
    { id: "tenant", header: "Tenant", width: 160, text: text("tenant") },
    {
      id: "started",
      header: "Started",
      width: 112,
      filterable: false,
      text: text("started"),
      cell: (row) => <Time at={grants[row].started_at} />,
    },
    {
      id: "ended",
      header: "Ends",
      width: 112,
      filterable: false,
      text: text("ended"),
      cell: (row) => <Time at={grants[row].ended_at ?? grants[row].expires_at} />,
    },
    { id: "by", header: "Ended by", width: 200, text: text("by") },
  ];
}

/** Who acted in the tenant from above, why, and until when. */
export function GrantList({
  grants,
  stale,
  search,
  onSearch,
  onEnd,
  audit,
}: {
  grants: Listing<Grant>;
  stale: boolean;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
  /** Absent when the person may not end them. */
  onEnd?: (grant: Grant) => void;
  /** The way to what was done with a grant. */
  audit: (grant: Grant) => React.ReactNode;
}) {
  return (
    <RecordList
      noun={noun}
      listing={grants}
      idOf={idOf}
      columns={columnsOf}
      fields={fields}
      facets={facets}
      stale={stale}
      search={search}
      onSearch={onSearch}
      card={(grant) => (
        <Card
          title={grant.actor}
          badge={<StateBadge grant={grant} />}
          facts={[asWhom(grant), <Time key="at" at={grant.started_at} />, grant.reason]}
        />
      )}
      peek={(id, grant) =>
        grant && (
          <Peek
            key={id}
            label="Access from above"
            title={grant.actor}
            subtitle={`as ${asWhom(grant)} in ${grant.tenant_name}`}
            badges={<StateBadge grant={grant} />}
            onClose={() => {
              onSearch({ sel: undefined });
            }}
            actions={
              <>
                {onEnd && holds(grant) && (
                  <Button
                    variant="primary"
                    onClick={() => {
                      onEnd(grant);
                    }}
                  >
                    End it now
                  </Button>
                )}
                {audit(grant)}
              </>
            }
          >
            <p className="mb-4 text-md">{grant.reason}</p>
            <dl className="-mx-3.5 border-b border-border">
              <Fact name="Started">
                <Time at={grant.started_at} />
              </Fact>
              <Fact name={holds(grant) ? "Ends" : "Ended"}>
                <Time at={grant.ended_at ?? grant.expires_at} />
              </Fact>
              {!holds(grant) && <Fact name="Ended by">{endedBy(grant)}</Fact>}
              <Fact name="Mark in the audit log">
                <span className="font-mono text-xs break-all">{grant.id}</span>
              </Fact>
            </dl>
          </Peek>
        )
      }
    />
  );
}
