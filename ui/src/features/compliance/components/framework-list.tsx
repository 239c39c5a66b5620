import type { GridColumn } from "@/components/data-grid/types";
import { Card } from "@/components/record-list/card-list";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import type { Listing } from "@/lib/api/client";
import type { FrameworkScore } from "@/lib/api/types";
import { num } from "@/lib/format";
import { textOf, type Value } from "@/lib/grid/column-store";
import { ScoreBar } from "./score-bar";

const noun = { one: "framework", many: "frameworks" };
const idOf = ({ framework }: FrameworkScore) => framework;
const ownOrOurs = ({ tenant_id }: FrameworkScore) => (tenant_id ? "Of a tenant" : "Of the product");

const fields: Record<string, (each: FrameworkScore) => Value> = {
  title: ({ title }) => title,
  score: ({ percent, judged }) => (judged > 0 ? Math.round(percent * 10) / 10 : null),
  strict: ({ strict, judged }) => (judged > 0 ? Math.round(strict * 10) / 10 : null),
  met: ({ met }) => met,
  judged: ({ judged }) => judged,
  covered: ({ covered }) => covered,
  controls: ({ controls }) => controls,
  whose: ownOrOurs,
  framework: ({ framework }) => framework,
  source: ({ source }) => source,
};
const facets = [{ column: "whose", title: "Whose", of: ownOrOurs }];

function columnsOf(items: FrameworkScore[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(fields[field](items[row]));
  const count = (
    id: "met" | "judged" | "covered" | "controls",
    header: string,
    hint: string,
  ): GridColumn => ({
    id,
    header,
    hint,
    width: 92,
    align: "end",
    text: text(id),
    cell: (row) => num(items[row][id]),
  });
  return [
    {
      id: "title",
      header: "Framework",
      width: 320,
      text: text("title"),
      cell: (row) => <span className="truncate font-[550]">{items[row].title}</span>,
    },
    {
      id: "score",
      header: "Score",
      width: 150,
      text: text("score"),
      cell: (row) => <ScoreBar percent={items[row].judged > 0 ? items[row].percent : null} />,
    },
    {
      id: "strict",
      header: "Without waivers",
      width: 128,
      align: "end",
      text: text("strict"),
      cell: (row) =>
        items[row].judged > 0 ? (
          `${items[row].strict.toFixed(1)} %`
        ) : (
          <span className="text-fg-subtle">not judged</span>
        ),
    },
    count("met", "Met", "Controls whose every check passes or is waived"),
    count("judged", "Judged", "Controls of which a check has been judged"),
    count("covered", "Covered", "Controls that a check serves"),
    count("controls", "Controls", "Controls in all"),
    { id: "whose", header: "Whose", width: 120, text: text("whose") },
    { id: "framework", header: "Name", width: 160, mono: true, text: text("framework") },
    { id: "source", header: "Source", width: 320, text: text("source") },
  ];
}

/** The frameworks that hold here, with how they stand. */
export function FrameworkList({
  frameworks,
  stale,
  search,
  onSearch,
  onOpen,
}: {
  frameworks: Listing<FrameworkScore>;
  stale: boolean;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
  onOpen: (framework: FrameworkScore) => void;
}) {
  return (
    <RecordList
      noun={noun}
      listing={frameworks}
      idOf={idOf}
      columns={columnsOf}
      fields={fields}
      facets={facets}
      stale={stale}
      search={search}
      onSearch={onSearch}
      onOpen={onOpen}
      card={(each) => (
        <Card
          title={
            <button
              type="button"
              className="min-h-6 text-left hover:text-primary-text hover:underline"
              onClick={() => {
                onOpen(each);
              }}
            >
              {each.title}
            </button>
          }
          facts={[
            <ScoreBar key="score" percent={each.judged > 0 ? each.percent : null} />,
            `${num(each.covered)} of ${num(each.controls)} covered`,
          ]}
        />
      )}
    />
  );
}
