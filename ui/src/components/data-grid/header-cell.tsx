import { ArrowDown, ArrowUp } from "lucide-react";
import { cn } from "@/lib/cn";
import type { Sort } from "@/lib/grid/filter";
import { HeaderMenu, type HeaderMenuActions } from "./header-menu";
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
  menuOpen: boolean;
  onMenu: (open: boolean) => void;
  actions: HeaderMenuActions;
}

/** A column's head: its name sorts, its menu does more, its edge resizes. By keyboard the grid's cursor does all three. */
export function HeaderCell({ id, column, number, sort, active, menuOpen, onMenu, actions }: HeaderCellProps) {
  const sorted = sort?.column === column.id ? sort : null;
  const Arrow = sorted?.descending ? ArrowDown : ArrowUp;
  return (
    <div
      id={id}
      role="columnheader"
      aria-label={column.header}
      data-head={column.id}
      aria-colindex={number}
      aria-sort={sorted ? (sorted.descending ? "descending" : "ascending") : undefined}
      style={{ width: column.size, left: column.stays }}
      title={column.hint}
      className={cn(
        "group/head flex h-[30px] flex-none items-center text-xs font-medium text-fg-muted",
        column.stays === undefined ? "relative" : "sticky z-1 bg-bg",
        active && "outline-[1.5px] -outline-offset-[1.5px] outline-ring",
        sorted && "text-fg",
      )}
    >
      {column.sortable === false ? (
        <span
          className={cn("min-w-0 flex-1 truncate pl-2.5", column.align && "order-1 pr-2.5 pl-0 text-end")}
        >
          {column.header}
        </span>
      ) : (
        <button
          type="button"
          tabIndex={-1}
          onClick={() => {
            actions.onSort(nextSort(sort, column.id));
          }}
          className={cn(
            "flex h-full min-w-0 flex-1 items-center gap-1 pl-2.5 hover:text-fg",
            // Numbers stand at the end and so does their head: the menu goes before it.
            column.align && "order-1 justify-end pr-2.5 pl-0",
          )}
        >
          <span className="truncate">{column.header}</span>
          {sorted && <Arrow size={12} className="shrink-0" aria-hidden />}
        </button>
      )}
      <HeaderMenu
        column={column}
        sort={sort}
        open={menuOpen}
        active={active}
        onOpen={onMenu}
        actions={actions}
      />
      <div
        aria-hidden
        onMouseDown={column.startResize}
        onTouchStart={column.startResize}
        className="absolute inset-y-1 right-0 w-1.5 cursor-col-resize border-r border-transparent hover:border-border-strong"
      />
    </div>
  );
}
