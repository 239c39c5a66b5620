import { SearchX } from "lucide-react";
import { useMemo, useState, type ReactNode } from "react";
import { DataGrid } from "@/components/data-grid/data-grid";
import type { GridColumn } from "@/components/data-grid/types";
import { NewRows } from "@/components/new-rows";
import { EmptyState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useDensity } from "@/hooks/use-density";
import { useHeld } from "@/hooks/use-held";
import { useHotkey } from "@/hooks/use-hotkey";
import { useMedia } from "@/hooks/use-media";
import type { Listing } from "@/lib/api/client";
import { download } from "@/lib/download";
import { num } from "@/lib/format";
import { formatLayout, parseLayout } from "@/lib/grid/column-layout";
import type { ColumnStore, Value } from "@/lib/grid/column-store";
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
import { BulkBar, type BulkAction } from "./bulk-bar";
import { CardList } from "./card-list";
import { ListFoot } from "./list-foot";
import { RecordFacets, type RecordFacet } from "./record-facets";
import { SavedViews } from "./saved-views";

/** Different values up to which a column's filter offers them all. */
const fewValues = 12;

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
  /** What one can do with many records; without it none can be selected. */
  bulk?: BulkAction<Item>[];
  /** A record's name, for what is said of it. */
  nameOf?: (item: Item) => string;
  /** Records that arrive while one reads wait behind a pill, so that nothing moves under the hand. */
  holdsNew?: boolean;
  /** Says that the rows are older than they should be; they stay, dimmed. */
  stale?: boolean;
}

/** Records as a table with facets, peek and CSV, and as cards where a table has no room. */
export function RecordList<Item>(props: RecordListProps<Item>) {
  const { noun, listing, idOf, fields, search, onSearch } = props;
  const { complete } = listing;
  const { items, pending, takeIn } = useHeld(listing.items, idOf, props.holdsNew ?? false);
  useHotkey(".", takeIn, pending > 0);
  const filters = useMemo(() => parseFilters(search.f), [search.f]);
  const sort = parseSort(search.sort) ?? props.defaultSort ?? null;
  const makeColumns = props.columns;
  const store = useMemo(() => storeOf(items, fields), [items, fields]);
  const columns = useMemo(
    () => makeColumns(items).map((column) => withChoices(column, store)),
    [makeColumns, items, store],
  );
  const { density, rowHeight } = useDensity();
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const sortField = sort && (props.sortFields?.[sort.column] ?? sort.column);
  const descending = sort?.descending ?? false;
  const order = useMemo(
    () => view(store, filters, sortField ? { column: sortField, descending } : null),
    [store, filters, sortField, descending],
  );
  const layout = useMemo(() => parseLayout(search.cols, columns), [search.cols, columns]);
  const rowOf = useMemo(() => new Map(items.map((item, row) => [idOf(item), row])), [items, idOf]);
  /** Selected records that are still in the list. */
  const chosen = [...ticked].flatMap((id) => rowOf.get(id) ?? []);
  const selection = props.bulk && {
    has: (row: number) => ticked.has(idOf(items[row])),
    count: Array.from(order).filter((row) => ticked.has(idOf(items[row]))).length,
    set: (rows: number[], on: boolean) => {
      setTicked((before) => {
        const next = new Set(before);
        for (const row of rows) {
          if (on) next.add(idOf(items[row]));
          else next.delete(idOf(items[row]));
        }
        return next;
      });
    },
  };
  const phone = useMedia("(max-width: 599px)");

  const setFilters = (next: Filter[]) => {
    onSearch({ f: formatFilters(next) });
  };
  const exportCsv = () => {
    const listed = layout
      ? layout.ids.flatMap((id) => columns.filter((column) => column.id === id))
      : columns;
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
      <div className="relative flex min-w-0 flex-1 flex-col">
        {pending > 0 && (
          <NewRows
            count={pending}
            one={`new ${noun.one}`}
            many={`new ${noun.many}`}
            onTakeIn={takeIn}
            className="bottom-12"
          />
        )}
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
              rowHeight={rowHeight}
              selection={selection}
              sort={sort}
              onSort={(next) => {
                onSearch({ sort: formatSort(next) });
              }}
              filters={filters}
              onFilters={setFilters}
              layout={layout}
              onLayout={(next) => {
                onSearch({ cols: formatLayout(next, columns) });
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
            {props.bulk && ticked.size > 0 && (
              <BulkBar
                noun={noun}
                items={chosen.map((row) => items[row])}
                actions={props.bulk}
                nameOf={props.nameOf ?? idOf}
                onClear={() => {
                  setTicked(new Set());
                }}
              />
            )}
            <ListFoot
              count={
                <>
                  {num(order.length)} of {num(items.length)}
                  {complete ? "" : "+, the first ones only: choose a tenant further down to see the rest"}
                </>
              }
              views={<SavedViews page={pageOf(noun.many)} search={search} onSearch={onSearch} />}
              columns={columns}
              layout={layout}
              onLayout={(next) => {
                onSearch({ cols: formatLayout(next, columns) });
              }}
              density={density}
              onCsv={exportCsv}
              exportable={order.length > 0}
            />
          </>
        )}
      </div>
      {search.sel && props.peek?.(search.sel, ...around(items, order, idOf, search.sel))}
    </div>
  );
}

/** The list's name among saved views. */
function pageOf(many: string): string {
  return many.toLowerCase().replace(/[^a-z]+/g, "-");
}

/** A column with its values as choices, where it has few texts. */
function withChoices(column: GridColumn, store: ColumnStore): GridColumn {
  const values = store.columns.get(column.id)?.values.filter((value) => value !== null && value !== "") ?? [];
  if (column.kind || column.choices || values.length > fewValues) return column;
  const texts = values.filter((value) => typeof value === "string");
  return texts.length === values.length && texts.length > 1 ? { ...column, choices: texts.sort() } : column;
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
