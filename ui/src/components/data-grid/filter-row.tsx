import { ListFilter } from "lucide-react";
import { useEffect, useState } from "react";
import { cn } from "@/lib/cn";
import type { Filter } from "@/lib/grid/filter";
import type { ShownColumn } from "./use-columns";

/** Milliseconds without a key after which a filter takes effect. */
const settle = 150;

interface FilterRowProps {
  lead: number;
  drawn: { column: ShownColumn; index: number }[];
  filters: Filter[];
  onFilters: (filters: Filter[]) => void;
}

/** A filter under each head. The grammar is in lib/grid/filter.ts: contains, = ≠ > < ≥ ≤, null. */
export function FilterRow({ lead, drawn, filters, onFilters }: FilterRowProps) {
  const change = (column: string, text: string) => {
    const others = filters.filter((filter) => filter.column !== column);
    onFilters(text.trim() === "" ? others : [...others, { column, text }]);
  };
  return (
    <div className="flex border-b border-border bg-surface" role="row" aria-rowindex={2}>
      {lead > 0 && <div aria-hidden className="flex-none" style={{ width: lead }} />}
      {drawn.map(({ column, index }) => (
        <div
          key={column.id}
          role="gridcell"
          aria-colindex={index + 1}
          style={{ width: column.size }}
          className="flex h-7 flex-none items-center px-1"
        >
          {column.filterable !== false && (
            <FilterInput
              label={column.header}
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

function FilterInput({
  label,
  text,
  onText,
}: {
  label: string;
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
        aria-label={`Filter ${label}`}
        title="Text contains; or = ≠ > < and a value; null"
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
          "focus-inset h-[22px] w-full min-w-0 rounded-xs border border-transparent bg-transparent px-1.5 text-[11.5px] hover:border-border",
          value !== "" && "border-primary-line bg-primary-soft font-mono text-primary-text",
        )}
      />
    </span>
  );
}
