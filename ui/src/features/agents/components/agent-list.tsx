import { Download, SearchX } from "lucide-react";
import { useMemo } from "react";
import { ColumnChooser } from "@/components/data-grid/column-chooser";
import { DataGrid } from "@/components/data-grid/data-grid";
import { EmptyState } from "@/components/states";
import { Button } from "@/components/ui/button";
import type { Listing } from "@/lib/api/client";
import type { Agent } from "@/lib/api/types";
import { useMedia } from "@/hooks/use-media";
import { download } from "@/lib/download";
import { num } from "@/lib/format";
import { toCsv } from "@/lib/grid/csv";
import { formatFilters, formatSort, parseFilters, parseSort } from "@/lib/grid/filter";
import { storeOf } from "@/lib/grid/store-of";
import { view } from "@/lib/grid/view";
import { agentColumns, agentFields } from "./agent-columns";
import { AgentCards } from "./agent-cards";
import { AgentFacets } from "./agent-facets";

export interface ListSearch {
  f?: string;
  sort?: string;
  cols?: string;
}

interface AgentListProps {
  agents: Listing<Agent>;
  refreshing: boolean;
  search: ListSearch;
  onSearch: (change: Partial<ListSearch>) => void;
  onOpen: (agent: Agent) => void;
}

/** The agents as a table with facets, and as cards where a table has no room. */
export function AgentList({ agents, refreshing, search, onSearch, onOpen }: AgentListProps) {
  const { items, complete } = agents;
  const filters = useMemo(() => parseFilters(search.f), [search.f]);
  const sort = useMemo(() => parseSort(search.sort), [search.sort]);
  const columns = useMemo(() => agentColumns(items), [items]);
  const store = useMemo(() => storeOf(items, agentFields), [items]);
  const order = useMemo(() => view(store, filters, sort), [store, filters, sort]);
  const shown = search.cols?.split(",").filter((id) => columns.some((column) => column.id === id));

  const exportCsv = () => {
    const listed = shown ? shown.flatMap((id) => columns.filter((column) => column.id === id)) : columns;
    const csv = toCsv(
      listed.map(({ header }) => header),
      order,
      (column, row) => store.value(listed[column].id, row),
    );
    download(csv, "agents.csv");
  };

  const phone = useMedia("(max-width: 599px)");
  const nothing = (
    <EmptyState
      icon={SearchX}
      title="No agent passes the filters"
      action={
        <Button
          onClick={() => {
            onSearch({ f: undefined });
          }}
        >
          Clear filters
        </Button>
      }
    />
  );

  return (
    <div className="flex min-h-0 flex-1 border-t border-border">
      <AgentFacets
        agents={items}
        filters={filters}
        onFilters={(next) => {
          onSearch({ f: formatFilters(next) });
        }}
      />
      <div className="flex min-w-0 flex-1 flex-col">
        {phone ? (
          <AgentCards agents={Array.from(order, (row) => items[row])} empty={nothing} />
        ) : (
          <>
            <DataGrid
              label="Agents"
              columns={columns}
              order={order}
              rowKey={(row) => items[row].id}
              sort={sort}
              onSort={(next) => {
                onSearch({ sort: formatSort(next) });
              }}
              filters={filters}
              onFilters={(next) => {
                onSearch({ f: formatFilters(next) });
              }}
              shown={shown}
              onShown={(ids) => {
                onSearch({ cols: ids.join(",") });
              }}
              onOpen={(row) => {
                onOpen(items[row]);
              }}
              dimmed={refreshing}
              empty={nothing}
            />
            <div className="flex h-9 flex-none items-center gap-2 border-t border-border bg-bg px-3 text-xs text-fg-muted">
              <span aria-live="polite" className="flex-1 tnum">
                {num(order.length)} of {num(items.length)}
                {complete ? "" : "+, the first ones only: filter by tenant to see the rest"}
              </span>
              <ColumnChooser
                columns={columns}
                shown={shown}
                onShown={(ids) => {
                  onSearch({ cols: ids?.join(",") });
                }}
              />
              <Button variant="ghost" onClick={exportCsv} disabled={order.length === 0}>
                <Download size={15} strokeWidth={1.75} aria-hidden />
                CSV
              </Button>
            </div>
          </>
        )}
      </div>
    </div>
  );
}
