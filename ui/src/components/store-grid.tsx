import { Rows3, SearchX } from "lucide-react";
import { useMemo } from "react";
import { DataGrid } from "@/components/data-grid/data-grid";
import { ListFoot } from "@/components/record-list/list-foot";
import { EmptyState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useDensity } from "@/hooks/use-density";
import { useView } from "@/hooks/use-view";
import { download } from "@/lib/download";
import { num } from "@/lib/format";
import { formatLayout, parseLayout } from "@/lib/grid/column-layout";
import { toCsv } from "@/lib/grid/csv";
import { formatFilters, formatSort, parseFilters, parseSort } from "@/lib/grid/filter";
import { storeColumns } from "@/lib/grid/store-columns";
import type { ColumnStore } from "@/lib/grid/column-store";

interface StoreGridProps {
  /** What the rows are: names the grid and the file. */
  name: string;
  store: ColumnStore;
  /** Whether these are all rows there are. */
  complete: boolean;
  search: { f?: string; sort?: string; cols?: string };
  onSearch: (change: { f?: string; sort?: string; cols?: string }) => void;
  /** Why there may be no row. */
  none: string;
}

/** Rows whose columns are known by their data alone: a collection, an answer. */
export function StoreGrid({ name, store, complete, search, onSearch, none }: StoreGridProps) {
  const filters = useMemo(() => parseFilters(search.f), [search.f]);
  const sort = useMemo(() => parseSort(search.sort), [search.sort]);
  const columns = useMemo(() => storeColumns(store), [store]);
  const { order, pending } = useView(store, filters, sort);
  const { density, rowHeight } = useDensity("compact");
  const layout = useMemo(() => parseLayout(search.cols, columns), [search.cols, columns]);

  if (store.length === 0) {
    return (
      <EmptyState icon={Rows3} title="No rows">
        {none}
      </EmptyState>
    );
  }
  const exportCsv = () => {
    const ids = layout?.ids ?? store.names;
    const csv = toCsv(ids, order, (column, row) => store.value(ids[column], row));
    download(csv, `${name}.csv`);
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col border-t border-border">
      <DataGrid
        label={name}
        columns={columns}
        order={order}
        rowKey={(row) => row}
        rowHeight={rowHeight}
        dimmed={pending}
        sort={sort}
        onSort={(next) => {
          onSearch({ sort: formatSort(next) });
        }}
        filters={filters}
        onFilters={(next) => {
          onSearch({ f: formatFilters(next) });
        }}
        layout={layout}
        onLayout={(next) => {
          onSearch({ cols: formatLayout(next, columns) });
        }}
        empty={
          <EmptyState
            icon={SearchX}
            title="No row passes the filters"
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
        }
      />
      <ListFoot
        count={
          <>
            {num(order.length)} of {num(store.length)} rows
            {complete ? "" : ", the first ones only: ask with SQL to see others"}
          </>
        }
        columns={columns}
        layout={layout}
        onLayout={(next) => {
          onSearch({ cols: formatLayout(next, columns) });
        }}
        density={density}
        onCsv={exportCsv}
        exportable={order.length > 0}
      />
    </div>
  );
}
