import { Download, Rows3, SearchX } from "lucide-react";
import { useMemo } from "react";
import { ColumnChooser } from "@/components/data-grid/column-chooser";
import { DataGrid } from "@/components/data-grid/data-grid";
import { EmptyState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { download } from "@/lib/download";
import { num } from "@/lib/format";
import { toCsv } from "@/lib/grid/csv";
import { formatFilters, formatSort, parseFilters, parseSort } from "@/lib/grid/filter";
import { storeColumns } from "@/lib/grid/store-columns";
import { view } from "@/lib/grid/view";
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
  const order = useMemo(() => view(store, filters, sort), [store, filters, sort]);
  const shown = search.cols?.split(",").filter((id) => columns.some((column) => column.id === id));

  if (store.length === 0) {
    return (
      <EmptyState icon={Rows3} title="No rows">
        {none}
      </EmptyState>
    );
  }
  const exportCsv = () => {
    const ids = shown ?? store.names;
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
        rowHeight={28}
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
      <div className="flex h-9 flex-none items-center gap-2 border-t border-border bg-bg px-3 text-xs text-fg-muted">
        <span aria-live="polite" className="flex-1 tnum">
          {num(order.length)} of {num(store.length)} rows
          {complete ? "" : ", the first ones only: ask with SQL to see others"}
        </span>
        <ColumnChooser
          columns={columns}
          shown={shown}
          onShown={(ids) => {
            onSearch({ cols: ids?.join(",") });
          }}
        />
        <Button variant="ghost" onClick={exportCsv}>
          <Download size={15} strokeWidth={1.75} aria-hidden />
          CSV
        </Button>
      </div>
    </div>
  );
}
