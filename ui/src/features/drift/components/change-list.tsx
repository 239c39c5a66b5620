import { Badge } from "@/components/badge";
import { AgentCell } from "@/components/data-grid/agent-cell";
import type { GridColumn } from "@/components/data-grid/types";
import { AgentLink } from "@/components/agent-link";
import { CellText } from "@/components/cell-text";
import { Fact } from "@/components/panel";
import { Peek, PeekSection } from "@/components/peek";
import { Rarity } from "@/components/rarity";
import { Card } from "@/components/record-list/card-list";
import type { RecordFacet } from "@/components/record-list/record-facets";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import { Time } from "@/components/time";
import type { Listing } from "@/lib/api/client";
import type { DriftChange } from "@/lib/api/types";
import { plural } from "@/lib/format";
import { textOf, toValue, type Value } from "@/lib/grid/column-store";
import { changes, sentenceOf } from "./latest-panel";

const noun = { one: "change", many: "changes" };
/** A change has no id of its own: what changed where and when is one. */
export const changeId = ({ agent_id, collection, at, value, was }: DriftChange) =>
  `${agent_id} ${collection} ${at} ${JSON.stringify(value)} ${JSON.stringify(was)}`;
const novelty = ({ new: fresh }: DriftChange) => (fresh ? "New in the fleet" : "Known elsewhere");

const fields: Record<string, (each: DriftChange) => Value> = {
  at: ({ at }) => at,
  change: ({ change }) => changes[change].word,
  agent: ({ hostname }) => hostname,
  collection: ({ collection }) => collection,
  what: sentenceOf,
  novelty,
  others: ({ others }) => others,
  tenant: ({ tenant_name }) => tenant_name,
};
const facets: RecordFacet<DriftChange>[] = [
  { column: "change", title: "Change", of: ({ change }) => changes[change].word },
  { column: "novelty", title: "Novelty", of: novelty },
  { column: "collection", title: "Collection", of: ({ collection }) => collection },
  { column: "agent", title: "Agent", of: ({ hostname }) => hostname },
];

function ChangeBadge({ change }: { change: DriftChange["change"] }) {
  const { word, tone, icon: Icon } = changes[change];
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {word}
    </Badge>
  );
}

function columnsOf(items: DriftChange[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(fields[field](items[row]));
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
      id: "change",
      header: "Change",
      width: 104,
      text: text("change"),
      cell: (row) => <ChangeBadge change={items[row].change} />,
    },
    {
      id: "agent",
      header: "Agent",
      width: 180,
      text: text("agent"),
      cell: (row) => <AgentCell id={items[row].agent_id} hostname={items[row].hostname} />,
    },
    { id: "collection", header: "Collection", width: 190, mono: true, text: text("collection") },
    { id: "what", header: "What", width: 420, mono: true, text: text("what") },
    {
      id: "others",
      header: "On others",
      width: 112,
      hint: "On how many other machines the same row is",
      text: text("others"),
      cell: (row) => <Rarity count={items[row].others} agents={items[row].fleet} />,
    },
    {
      id: "novelty",
      header: "Novelty",
      width: 130,
      text: text("novelty"),
      cell: (row) =>
        items[row].new ? (
          <Badge tone="medium">New in the fleet</Badge>
        ) : (
          <span className="text-fg-muted">Known elsewhere</span>
        ),
    },
    { id: "tenant", header: "Tenant", width: 150, text: text("tenant") },
  ];
}

/** What changed, youngest first: with what it was before beside the list. */
export function ChangeList({
  listing,
  stale,
  search,
  onSearch,
}: {
  listing: Listing<DriftChange>;
  stale: boolean;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
}) {
  return (
    <RecordList
      noun={noun}
      listing={listing}
      idOf={changeId}
      columns={columnsOf}
      fields={fields}
      facets={facets}
      stale={stale}
      search={search}
      onSearch={onSearch}
      card={(each) => (
        <Card
          title={each.collection}
          badge={<ChangeBadge change={each.change} />}
          facts={[each.hostname, <Time key="at" at={each.at} />, sentenceOf(each)]}
        />
      )}
      peek={(id, each) =>
        each && (
          <Peek
            key={id}
            label="Change"
            title={<span className="font-mono">{each.collection}</span>}
            subtitle={<AgentLink id={each.agent_id} hostname={each.hostname} />}
            badges={
              <>
                <ChangeBadge change={each.change} />
                {each.new && <Badge tone="medium">New in the fleet</Badge>}
              </>
            }
            onClose={() => {
              onSearch({ sel: undefined });
            }}
          >
            <dl className="-mx-3.5 mb-4 border-b border-border">
              <Fact name="Seen">
                <Time at={each.at} />
              </Fact>
              <Fact name="The same on">
                {plural(each.others, "other machine")} of {each.fleet}
              </Fact>
            </dl>
            <PeekSection title={each.change === "changed" ? "Before and now" : "The row"}>
              <dl className="divide-y divide-border rounded-sm border border-border font-mono text-xs">
                {(each.columns ?? []).map((column, index) => {
                  const now = toValue(each.value?.[index]);
                  const before = each.was ? toValue(each.was[index]) : now;
                  return (
                    <div key={column} className="flex gap-3 px-2.5 py-1">
                      <dt className="w-32 flex-none truncate text-fg-muted">{column}</dt>
                      <dd className="min-w-0 flex-1 break-words">
                        {textOf(before) !== textOf(now) && (
                          <span className="mb-0.5 block bg-del-bg">
                            <span aria-label="before:">− </span>
                            <CellText text={before === null ? null : textOf(before)} />
                          </span>
                        )}
                        <span className={textOf(before) === textOf(now) ? undefined : "block bg-add-bg"}>
                          {textOf(before) !== textOf(now) && <span aria-label="now:">+ </span>}
                          <CellText text={now === null ? null : textOf(now)} />
                        </span>
                      </dd>
                    </div>
                  );
                })}
              </dl>
              {each.hidden && <p className="mt-1.5 text-xs text-fg-muted">Hidden from you: {each.hidden}</p>}
            </PeekSection>
          </Peek>
        )
      }
    />
  );
}
