import { ArrowDown, ArrowUp } from "lucide-react";
import { cn } from "@/lib/cn";
import type { Sort } from "@/lib/grid/filter";
import type { ShownColumn } from "./use-columns";

/** Ascending, descending, none. */
export function nextSort(sort: Sort | null, column: string): Sort | null {
  if (sort?.column !== column) return { column, descending: false };
  return sort.descending ? null : { column, descending: true };
}

interface HeaderCellProps {
  id: string;
  column: ShownColumn;
  /** The column's number among all, counted from 1. */
  number: number;
  sort: Sort | null;
  active: boolean;
  onSort: (sort: Sort | null) => void;
}

/** A column's head: its name sorts, its edge resizes. By keyboard the grid's cursor does both. */
export function HeaderCell({ id, column, number, sort, active, onSort }: HeaderCellProps) {
  const sorted = sort?.column === column.id ? sort : null;
  const Arrow = sorted?.descending ? ArrowDown : ArrowUp;
  return (
    <div
      id={id}
      role="columnheader"
      aria-colindex={number}
      aria-sort={sorted ? (sorted.descending ? "descending" : "ascending") : undefined}
      style={{ width: column.size }}
      title={column.hint}
      className={cn(
        "relative flex h-[30px] flex-none items-center text-xs font-medium text-fg-muted",
        active && "outline-[1.5px] -outline-offset-[1.5px] outline-ring",
        sorted && "text-fg",
      )}
    >
      {column.sortable === false ? (
        <span className={cn("truncate px-2.5", column.align && "ml-auto")}>{column.header}</span>
      ) : (
        <button
          type="button"
          tabIndex={-1}
          onClick={() => {
            onSort(nextSort(sort, column.id));
          }}
          className={cn(
            "flex h-full min-w-0 flex-1 items-center gap-1 px-2.5 hover:text-fg",
            column.align && "justify-end",
          )}
        >
          <span className="truncate">{column.header}</span>
          {sorted && <Arrow size={12} className="shrink-0" aria-hidden />}
        </button>
      )}
      <div
        aria-hidden
        onMouseDown={column.startResize}
        onTouchStart={column.startResize}
        className="absolute inset-y-1 right-0 w-1.5 cursor-col-resize border-r border-transparent hover:border-border-strong"
      />
    </div>
  );
}
