import { ListFilter } from "lucide-react";
import { useEffect, useId, useState } from "react";
import { cn } from "@/lib/cn";
import type { Filter } from "@/lib/grid/filter";
import { inView, type PlacedColumn } from "./use-column-range";
import type { ShownColumn } from "./use-columns";

/** Milliseconds without a key after which a filter takes effect. */
const settle = 150;

/** Spans offered for times. */
const spans = [
  ["1h", "hour"],
  ["24h", "24 hours"],
  ["7d", "7 days"],
  ["30d", "30 days"],
] as const;

/** Finds the filter of a column in a grid. */
export function filterOf(column: string): string {
  return `[data-filter="${CSS.escape(column)}"]`;
}

interface FilterRowProps {
  /** Pixels of the check boxes' column. */
  edge: number;
  /** Pixels of the columns that are not drawn, before the first one that is. */
  lead: number;
  /** Columns before the first one: the check boxes'. */
  before: number;
  pinned: PlacedColumn[];
  drawn: PlacedColumn[];
  filters: Filter[];
  onFilters: (filters: Filter[]) => void;
}

/**
 * A filter under each head, which offers what one asks of the column's kind. The grammar is in lib/grid/filter.ts: contains,
 * = ≠ > < ≥ ≤, null, and for times `last 24h` and `before 7d`.
 */
export function FilterRow({ edge, lead, before, pinned, drawn, filters, onFilters }: FilterRowProps) {
  const change = (column: string, text: string) => {
    const others = filters.filter((filter) => filter.column !== column);
    onFilters(text.trim() === "" ? others : [...others, { column, text }]);
  };
  return (
    <div className="flex border-b border-border bg-surface" role="row" aria-rowindex={2}>
      {edge > 0 && (
        <div
          aria-hidden
          className={cn("flex-none", pinned.length > 0 && "sticky left-0 z-1 bg-surface")}
          style={{ width: edge }}
        />
      )}
      {inView({ pinned, drawn, lead }, ({ column, index }) => (
        <div
          key={column.id}
          role="gridcell"
          aria-colindex={before + index + 1}
          style={{ width: column.size, left: column.stays }}
          className={cn(
            "flex h-7 flex-none items-center px-1",
            column.stays !== undefined && "sticky z-1 bg-surface",
          )}
        >
          {column.filterable !== false && (
            <FilterInput
              column={column}
              text={filters.find((filter) => filter.column === column.id)?.text ?? ""}
              onText={(text) => {
                change(column.id, text);
              }}
            />
          )}
        </div>
      ))}
    </div>
  );
}

/** What a column's filter offers, with what it means. */
function offers({ kind, choices }: ShownColumn): { value: string; label: string }[] {
  if (kind === "time") {
    return spans.flatMap(([span, words]) => [
      { value: `last ${span}`, label: `in the last ${words}` },
      { value: `before ${span}`, label: `longer than ${words} ago` },
    ]);
  }
  return (choices ?? []).map((value) => ({ value: `= ${value}`, label: value }));
}

const hints = {
  text: "Text contains; or = ≠ > < and a value; null",
  number: "A number, or = ≠ > < ≥ ≤ and a number",
  time: "last 24h, before 7d, or > < and a time",
};

function FilterInput({
  column,
  text,
  onText,
}: {
  column: ShownColumn;
  text: string;
  onText: (text: string) => void;
}) {
  const [typed, setTyped] = useState<string | null>(null);
  useEffect(() => {
    if (typed === null || typed === text) return;
    const timer = setTimeout(() => {
      onText(typed);
      setTyped(null);
    }, settle);
    return () => {
      clearTimeout(timer);
    };
  }, [typed, text, onText]);
  const value = typed ?? text;
  const id = useId();
  const offered = offers(column);
  const hint = hints[column.kind ?? "text"];
  return (
    <span className="relative flex w-full">
      {value === "" && (
        <ListFilter
          size={12}
          className="pointer-events-none absolute top-[5px] left-1.5 text-fg-subtle"
          aria-hidden
        />
      )}
      <input
        aria-label={`Filter ${column.header}`}
        data-filter={column.id}
        title={hint}
        inputMode={column.kind === "number" ? "numeric" : undefined}
        list={offered.length > 0 ? id : undefined}
        value={value}
        onChange={(event) => {
          setTyped(event.target.value);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") {
            onText(value);
            setTyped(null);
          }
          if (event.key === "Escape" && value !== "") {
            event.stopPropagation();
            onText("");
            setTyped(null);
          }
        }}
        className={cn(
          "filter-input focus-inset h-[22px] w-full min-w-0 rounded-xs border border-transparent bg-transparent px-1.5 text-[11.5px] hover:border-border",
          value !== "" && "border-primary-line bg-primary-soft font-mono text-primary-text",
        )}
      />
      {offered.length > 0 && (
        <datalist id={id}>
          {offered.map((offer) => (
            <option key={offer.value} value={offer.value} label={offer.label} />
          ))}
        </datalist>
      )}
    </span>
  );
}
