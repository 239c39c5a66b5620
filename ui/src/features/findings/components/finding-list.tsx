import { Download, SearchX } from "lucide-react";
import { useMemo } from "react";
import { DataGrid } from "@/components/data-grid/data-grid";
import { EmptyState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useHotkey } from "@/hooks/use-hotkey";
import type { Listing } from "@/lib/api/client";
import type { Finding } from "@/lib/api/types";
import { useMedia } from "@/hooks/use-media";
import { download } from "@/lib/download";
import { num } from "@/lib/format";
import { toCsv } from "@/lib/grid/csv";
import { formatFilters, formatSort, parseFilters, parseSort, type Sort } from "@/lib/grid/filter";
import { storeOf } from "@/lib/grid/store-of";
import { view } from "@/lib/grid/view";
import { FindingCards } from "./finding-cards";
import { findingColumns, findingFields } from "./finding-columns";
import { FindingFacets } from "./finding-facets";
import { FindingPeek } from "./finding-peek";

export interface FindingSearch {
  f?: string;
  sort?: string;
  sel?: string;
}

interface FindingListProps {
  tenant: string;
  findings: Listing<Finding>;
  refreshing: boolean;
  search: FindingSearch;
  onSearch: (change: Partial<FindingSearch>) => void;
  onOpen: (finding: Finding) => void;
  /** Absent when the person may not change findings. */
  onAcknowledge?: (finding: Finding) => void;
  onOpenQuery?: (sql: string) => void;
}

const worstFirst: Sort = { column: "severity", descending: false };

/** Severities sort by weight, not by word. */
function bySeverity(sort: Sort): Sort {
  return sort.column === "severity" ? { ...sort, column: "rank" } : sort;
}

/** The queue: worst first, a peek beside it, and after an action the next row is current. */
export function FindingList(props: FindingListProps) {
  const { tenant, findings, search, onSearch, onAcknowledge } = props;
  const { items, complete } = findings;
  const filters = useMemo(() => parseFilters(search.f), [search.f]);
  const sort = useMemo(() => parseSort(search.sort), [search.sort]);
  const columns = useMemo(() => findingColumns(items), [items]);
  const store = useMemo(() => storeOf(items, findingFields), [items]);
  const order = useMemo(() => view(store, filters, bySeverity(sort ?? worstFirst)), [store, filters, sort]);
  const selected = items.findIndex(({ id }) => id === search.sel);

  const acknowledge = (finding: Finding) => {
    const place = order.findIndex((row) => items[row].id === finding.id);
    const next = place + 1 < order.length ? order[place + 1] : place > 0 ? order[place - 1] : null;
    onSearch({ sel: next === null ? undefined : items[next].id });
    onAcknowledge?.(finding);
  };
  useHotkey(
    "a",
    () => {
      if (items[selected]?.state === "open") acknowledge(items[selected]);
    },
    Boolean(onAcknowledge) && selected >= 0,
  );

  const exportCsv = () => {
    const csv = toCsv(
      columns.map(({ header }) => header),
      order,
      (column, row) => store.value(columns[column].id, row),
    );
    download(csv, "findings.csv");
  };
  const setFilters = (next: typeof filters) => {
    onSearch({ f: formatFilters(next) });
  };
  const phone = useMedia("(max-width: 599px)");
  const nothing = (
    <EmptyState
      icon={SearchX}
      title="No finding passes the filters"
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
      <FindingFacets findings={items} filters={filters} onFilters={setFilters} />
      <div className="flex min-w-0 flex-1 flex-col">
        {phone ? (
          <FindingCards tenant={tenant} findings={Array.from(order, (row) => items[row])} empty={nothing} />
        ) : (
          <>
            <DataGrid
              label="Findings"
              columns={columns}
              order={order}
              rowKey={(row) => items[row].id}
              sort={sort ?? worstFirst}
              onSort={(next) => {
                onSearch({ sort: formatSort(next) });
              }}
              filters={filters}
              onFilters={setFilters}
              current={selected >= 0 ? selected : null}
              onPeek={(row) => {
                onSearch({ sel: items[row].id });
              }}
              onOpen={(row) => {
                props.onOpen(items[row]);
              }}
              dimmed={props.refreshing}
              empty={nothing}
            />
            <div className="flex h-9 flex-none items-center gap-2 border-t border-border bg-bg px-3 text-xs text-fg-muted">
              <span aria-live="polite" className="flex-1 tnum">
                {num(order.length)} of {num(items.length)}
                {complete ? "" : "+, the first ones only: choose a tenant further down to see the rest"}
              </span>
              <Button variant="ghost" onClick={exportCsv} disabled={order.length === 0}>
                <Download size={15} strokeWidth={1.75} aria-hidden />
                CSV
              </Button>
            </div>
          </>
        )}
      </div>
      {search.sel && (
        <FindingPeek
          key={search.sel}
          tenant={tenant}
          id={search.sel}
          known={items[selected]}
          onClose={() => {
            onSearch({ sel: undefined });
          }}
          onAcknowledge={onAcknowledge && acknowledge}
          onOpenQuery={props.onOpenQuery}
        />
      )}
    </div>
  );
}
