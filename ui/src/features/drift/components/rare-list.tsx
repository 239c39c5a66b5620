import type { GridColumn } from "@/components/data-grid/types";
import { Rarity } from "@/components/rarity";
import { Card } from "@/components/record-list/card-list";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import { Time } from "@/components/time";
import type { Rare } from "@/lib/api/types";
import { plural } from "@/lib/format";
import { textOf, type Value } from "@/lib/grid/column-store";
import { rowText } from "../value-text";

type RareRow = NonNullable<Rare["items"]>[number];
const noun = { one: "rare row", many: "rare rows" };

/** What few machines have: each with those that do. */
export function RareList({
  rare,
  stale,
  search,
  onSearch,
}: {
  rare: Rare;
  stale: boolean;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
}) {
  const fields: Record<string, (row: RareRow) => Value> = {
    what: ({ value }) => rowText(rare.columns, value),
    holders: ({ holders }) => holders,
    who: ({ hostnames }) => (hostnames ?? []).join(", "),
    tenants: ({ tenants }) => tenants,
    first: ({ first_seen_at }) => first_seen_at,
  };
  const columns = (items: RareRow[]): GridColumn[] => {
    const text = (field: string) => (row: number) => textOf(fields[field](items[row]));
    return [
      { id: "what", header: "What", width: 560, mono: true, text: text("what") },
      {
        id: "holders",
        header: "Agents",
        width: 112,
        text: text("holders"),
        cell: (row) => <Rarity count={items[row].holders} agents={items[row].fleet} />,
      },
      { id: "who", header: "On", width: 240, text: text("who") },
      {
        id: "first",
        header: "First seen",
        width: 112,
        filterable: false,
        text: text("first"),
        cell: (row) => <Time at={items[row].first_seen_at} />,
      },
      { id: "tenants", header: "Tenants", width: 84, align: "end", text: text("tenants") },
    ];
  };
  return (
    <RecordList
      noun={noun}
      listing={{ items: rare.items ?? [], complete: true }}
      idOf={({ value }) => JSON.stringify(value)}
      columns={columns}
      fields={fields}
      stale={stale}
      search={search}
      onSearch={onSearch}
      card={(row) => (
        <Card
          title={rowText(rare.columns, row.value)}
          facts={[plural(row.holders, "agent"), (row.hostnames ?? []).join(", ")]}
        />
      )}
    />
  );
}
