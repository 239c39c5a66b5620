import { useMemo } from "react";
import { AgentLink } from "@/components/agent-link";
import { CellText } from "@/components/cell-text";
import type { GridColumn } from "@/components/data-grid/types";
import { Peek, PeekSection } from "@/components/peek";
import { Rarity } from "@/components/rarity";
import { Card } from "@/components/record-list/card-list";
import type { RecordFacet } from "@/components/record-list/record-facets";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import { ErrorState } from "@/components/states";
import { Time } from "@/components/time";
import { Skeleton } from "@/components/ui/skeleton";
import { plural } from "@/lib/format";
import { textOf, type Value } from "@/lib/grid/column-store";
import type { Sort } from "@/lib/grid/filter";
import { useHolders, type Inventory, type InventoryRow } from "../api/inventory";
import type { InventoryKind } from "../kinds";

const idOf = ({ id }: InventoryRow) => id;
const rarestFirst: Sort = { column: "agents", descending: false };
const facets: RecordFacet<InventoryRow>[] = [
  { column: "source", title: "Source", of: ({ source }) => source },
];

/** One kind of thing across all agents: the rare floats up, and from each row one gets to the agents that have it. */
export function InventoryList({
  tenant,
  kind,
  inventory,
  stale,
  search,
  onSearch,
}: {
  tenant: string;
  kind: InventoryKind;
  inventory: Inventory;
  stale: boolean;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
}) {
  const fields = useMemo(() => fieldsOf(kind), [kind]);
  const columns = useMemo(
    () => (rows: InventoryRow[]) => columnsOf(kind, rows, inventory.agents),
    [kind, inventory.agents],
  );
  const name = (row: InventoryRow) => textOf(row.values[kind.columns[0].id]);
  return (
    <RecordList
      noun={kind.noun}
      listing={inventory}
      idOf={idOf}
      columns={columns}
      fields={fields}
      defaultSort={rarestFirst}
      facets={kind.sources.length > 1 ? facets : undefined}
      stale={stale}
      search={search}
      onSearch={onSearch}
      card={(row) => (
        <Card
          title={name(row)}
          facts={[
            ...kind.columns.slice(1).map(({ id }) => textOf(row.values[id])),
            plural(row.agents, "agent"),
          ]}
        />
      )}
      peek={(id, row) =>
        row && (
          <Peek
            key={id}
            label={kind.noun.one}
            title={name(row)}
            subtitle={row.source}
            onClose={() => {
              onSearch({ sel: undefined });
            }}
          >
            <Holders tenant={tenant} kind={kind} row={row} agents={inventory.agents} />
          </Peek>
        )
      }
    />
  );
}

function fieldsOf(kind: InventoryKind): Record<string, (row: InventoryRow) => Value> {
  return {
    ...Object.fromEntries(kind.columns.map(({ id }) => [id, (row: InventoryRow) => row.values[id]])),
    agents: ({ agents }) => agents,
    source: ({ source }) => source,
  };
}

function columnsOf(kind: InventoryKind, rows: InventoryRow[], agents: number): GridColumn[] {
  return [
    ...kind.columns.map(({ id, label, width, mono }, index): GridColumn => ({
      id,
      header: label,
      width,
      mono,
      text: (row) => {
        const value = rows[row].values[id];
        return value === null ? null : String(value);
      },
      cell:
        index === 0
          ? (row) => (
              <span className="truncate font-[550]">
                <CellText text={textOf(rows[row].values[id])} />
              </span>
            )
          : undefined,
    })),
    {
      id: "agents",
      header: "Agents",
      hint: `On how many of ${plural(agents, "agent")}. Rare rows are the odd ones.`,
      width: 118,
      text: (row) => String(rows[row].agents),
      cell: (row) => <Rarity count={rows[row].agents} agents={agents} />,
    },
    { id: "source", header: "Source", width: 150, text: (row) => rows[row].source },
  ];
}

/** The agents that have a row, and since when each is known to. */
function Holders({
  tenant,
  kind,
  row,
  agents,
}: {
  tenant: string;
  kind: InventoryKind;
  row: InventoryRow;
  agents: number;
}) {
  const holders = useHolders(tenant, kind, row);
  if (holders.isPending) {
    return (
      <div role="status">
        <span className="sr-only">Loading the agents</span>
        <Skeleton className="h-40" />
      </div>
    );
  }
  if (holders.isError) {
    return <ErrorState what="load the agents" error={holders.error} retry={() => void holders.refetch()} />;
  }
  return (
    <PeekSection title={`On ${row.agents} of ${plural(agents, "agent")}`}>
      <ul className="divide-y divide-border rounded-sm border border-border">
        {holders.data.map(({ agent, hostname, tenant: of, since }) => (
          <li key={agent} className="flex items-center gap-2 px-2.5 py-1.5">
            <span className="min-w-0 flex-1 truncate">
              <AgentLink id={agent} hostname={hostname} /> <span className="text-fg-muted">{of}</span>
            </span>
            <span className="text-xs text-fg-muted">
              since <Time at={since} />
            </span>
          </li>
        ))}
      </ul>
    </PeekSection>
  );
}
