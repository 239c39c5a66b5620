import { Card } from "@/components/record-list/card-list";
import type { RecordFacet } from "@/components/record-list/record-facets";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import { CodeBlock } from "@/components/code-block";
import { Fact } from "@/components/panel";
import { Peek, PeekSection } from "@/components/peek";
import { Time } from "@/components/time";
import type { Listing } from "@/lib/api/client";
import type { AuditEntry } from "@/lib/api/types";
import { exactTime } from "@/lib/format";
import { actorOf, auditColumns, auditFields } from "./audit-columns";

const noun = { one: "entry", many: "entries" };
const idOf = ({ seq }: AuditEntry) => String(seq);
const facets: RecordFacet<AuditEntry>[] = [
  { column: "action", title: "Action", of: ({ action }) => action },
  { column: "actor", title: "Actor", of: actorOf },
  { column: "kind", title: "Kind", of: ({ actor_kind }) => actor_kind },
];

/** Who did what: entries with what changed beside them. */
export function AuditList({
  entries,
  stale,
  search,
  onSearch,
}: {
  entries: Listing<AuditEntry>;
  stale: boolean;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
}) {
  return (
    <RecordList
      noun={noun}
      listing={entries}
      idOf={idOf}
      columns={auditColumns}
      fields={auditFields}
      facets={facets}
      stale={stale}
      search={search}
      onSearch={onSearch}
      card={(entry) => (
        <Card title={entry.action} facts={[actorOf(entry), entry.object, <Time key="at" at={entry.at} />]} />
      )}
      peek={(_id, entry) =>
        entry && (
          <Peek
            label="Audit entry"
            title={<span className="font-mono text-md">{entry.action}</span>}
            subtitle={actorOf(entry)}
            onClose={() => {
              onSearch({ sel: undefined });
            }}
          >
            <dl className="-mx-3.5 mb-4 border-b border-border">
              <Fact name="Entry">{entry.seq}</Fact>
              <Fact name="Time">
                <span className="tnum">{exactTime(new Date(entry.at))}</span>
              </Fact>
              <Fact name="Object">
                <span className="font-mono text-xs break-all">{entry.object || "–"}</span>
              </Fact>
              <Fact name="Kind of actor">{entry.actor_kind}</Fact>
              <Fact name="From">
                <span className="font-mono text-xs">{entry.address || "unknown"}</span>
              </Fact>
            </dl>
            <PeekSection title="Detail">
              {entry.detail ? (
                <CodeBlock code={JSON.stringify(entry.detail, null, 2)} label="Detail" />
              ) : (
                <p className="text-fg-muted">This action has no further detail.</p>
              )}
            </PeekSection>
          </Peek>
        )
      }
    />
  );
}
