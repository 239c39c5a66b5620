import { Download, SearchX } from "lucide-react";
import { useMemo, type ReactNode } from "react";
import { ColumnChooser } from "@/components/data-grid/column-chooser";
import { DataGrid } from "@/components/data-grid/data-grid";
import type { GridColumn } from "@/components/data-grid/types";
import { EmptyState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useMedia } from "@/hooks/use-media";
import type { Listing } from "@/lib/api/client";
import { download } from "@/lib/download";
import { num } from "@/lib/format";
import type { Value } from "@/lib/grid/column-store";
import { toCsv } from "@/lib/grid/csv";
import {
  formatFilters,
  formatSort,
  parseFilters,
  parseSort,
  type Filter,
  type Sort,
} from "@/lib/grid/filter";
import { storeOf } from "@/lib/grid/store-of";
import { view } from "@/lib/grid/view";
import { CardList } from "./card-list";
import { RecordFacets, type RecordFacet } from "./record-facets";

/** What of a list stands in the address: filters, sort, columns, and the row whose peek is open. */
export interface RecordSearch {
  f?: string;
  sort?: string;
  cols?: string;
  sel?: string;
}

interface RecordListProps<Item> {
  /** What the list holds, one and many: it names the grid, the file and the empty state. */
  noun: { one: string; many: string };
  listing: Listing<Item>;
  idOf: (item: Item) => string;
  columns: (items: Item[]) => GridColumn[];
  /** What one sorts and filters by, by column. */
  fields: Record<string, (item: Item) => Value>;
  /** The order without a choice. */
  defaultSort?: Sort;
  /** The field that a column is sorted by where it is not its own: severities sort by weight, not by word. */
  sortFields?: Record<string, string>;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
  onOpen?: (item: Item) => void;
  /** A row as it shows on a phone: a name and two facts. */
  card: (item: Item) => ReactNode;
  facets?: RecordFacet<Item>[];
  /** What shows beside the list for the row whose peek is open, and what follows it in the list's order. */
  peek?: (id: string, item: Item | undefined, next: Item | undefined) => ReactNode;
  /** Says that the rows are older than they should be; they stay, dimmed. */
  stale?: boolean;
}

/** Records as a table with facets, peek and CSV, and as cards where a table has no room. */
export function RecordList<Item>(props: RecordListProps<Item>) {
  const { noun, listing, idOf, fields, search, onSearch } = props;
  const { items, complete } = listing;
  const filters = useMemo(() => parseFilters(search.f), [search.f]);
  const sort = parseSort(search.sort) ?? props.defaultSort ?? null;
  const makeColumns = props.columns;
  const columns = useMemo(() => makeColumns(items), [makeColumns, items]);
  const store = useMemo(() => storeOf(items, fields), [items, fields]);
  const sortField = sort && (props.sortFields?.[sort.column] ?? sort.column);
  const descending = sort?.descending ?? false;
  const order = useMemo(
    () => view(store, filters, sortField ? { column: sortField, descending } : null),
    [store, filters, sortField, descending],
  );
  const shown = search.cols?.split(",").filter((id) => columns.some((column) => column.id === id));
  const phone = useMedia("(max-width: 599px)");

  const setFilters = (next: Filter[]) => {
    onSearch({ f: formatFilters(next) });
  };
  const exportCsv = () => {
    const listed = shown ? shown.flatMap((id) => columns.filter((column) => column.id === id)) : columns;
    const csv = toCsv(
      listed.map(({ header }) => header),
      order,
      (column, row) => store.value(listed[column].id, row),
    );
    download(csv, `${noun.many.replaceAll(" ", "-")}.csv`);
  };
  const nothing = (
    <EmptyState
      icon={SearchX}
      title={`No ${noun.one} passes the filters`}
      action={
        <Button
          onClick={() => {
            setFilters([]);
          }}
        >
          Clear filters
        </Button>
      }
    />
  );

  return (
    <div className="flex min-h-0 flex-1 border-t border-border">
      {props.facets && (
        <RecordFacets
          label={`${noun.many} by kind`}
          items={items}
          facets={props.facets}
          filters={filters}
          onFilters={setFilters}
        />
      )}
      <div className="flex min-w-0 flex-1 flex-col">
        {phone ? (
          <CardList
            items={Array.from(order, (row) => items[row])}
            idOf={idOf}
            card={props.card}
            empty={nothing}
          />
        ) : (
          <>
            <DataGrid
              label={noun.many}
              columns={columns}
              order={order}
              rowKey={(row) => idOf(items[row])}
              sort={sort}
              onSort={(next) => {
                onSearch({ sort: formatSort(next) });
              }}
              filters={filters}
              onFilters={setFilters}
              shown={shown}
              onShown={(ids) => {
                onSearch({ cols: ids.join(",") });
              }}
              current={currentRow(items, idOf, search.sel)}
              onPeek={
                props.peek &&
                ((row) => {
                  onSearch({ sel: idOf(items[row]) });
                })
              }
              onOpen={(row) => {
                if (props.onOpen) props.onOpen(items[row]);
                else if (props.peek) onSearch({ sel: idOf(items[row]) });
              }}
              dimmed={props.stale}
              empty={nothing}
            />
            <div className="flex h-9 flex-none items-center gap-2 border-t border-border bg-bg px-3 text-xs text-fg-muted">
              <span aria-live="polite" className="flex-1 tnum">
                {num(order.length)} of {num(items.length)}
                {complete ? "" : "+, the first ones only: choose a tenant further down to see the rest"}
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
      {search.sel && props.peek?.(search.sel, ...around(items, order, idOf, search.sel))}
    </div>
  );
}

function currentRow<Item>(items: Item[], idOf: (item: Item) => string, id: string | undefined) {
  if (!id) return null;
  const row = items.findIndex((item) => idOf(item) === id);
  return row < 0 ? null : row;
}

/** The item of an id and the one that becomes current when it leaves the list: the next, or the one before. */
function around<Item>(
  items: Item[],
  order: Uint32Array,
  idOf: (item: Item) => string,
  id: string,
): [Item | undefined, Item | undefined] {
  const place = order.findIndex((row) => idOf(items[row]) === id);
  if (place < 0) return [items.find((item) => idOf(item) === id), undefined];
  const next = place + 1 < order.length ? order[place + 1] : place > 0 ? order[place - 1] : null;
  return [items[order[place]], next === null ? undefined : items[next]];
}
