import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useId, useRef, useState, type KeyboardEvent, type MouseEvent } from "react";
import { useHotkey } from "@/hooks/use-hotkey";
import { CellText } from "@/components/cell-text";
import { cn } from "@/lib/cn";
import { plural } from "@/lib/format";
import { moveColumn } from "@/lib/grid/column-layout";
import { notify } from "@/lib/toasts";
import { moveCursor, type Cursor } from "./cursor";
import { FilterRow, filterOf } from "./filter-row";
import { HeaderCell, nextSort } from "./header-cell";
import type { HeaderMenuActions } from "./header-menu";
import { SelectAll, SelectCell, selectWidth } from "./select-cell";
import type { GridProps } from "./types";
import { inView, useColumnRange, type PlacedColumn } from "./use-column-range";
import { useColumns, type ShownColumn } from "./use-columns";

const headHeight = 30;
const filterHeight = 28;
/** Browsers cap how tall an element may be; a taller list scrolls in proportion. */
const tallest = 12_000_000;

/**
 * Rows in their thousands: virtual, sorted and filtered from outside, moved through by keyboard. One tab stop; the cursor is told
 * to assistive technology as the active descendant.
 */
export function DataGrid(props: GridProps) {
  const { label, order, sort, onSort, filters, onFilters, rowHeight = 32 } = props;
  const { onOpen, onPeek, onHold, selection } = props;
  const edge = selection ? selectWidth : 0;
  const { columns, layout } = useColumns(props.columns, props.layout, edge);
  const range = useColumnRange(columns);
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState<Cursor>({ row: 0, column: 0 });
  const [focused, setFocused] = useState(false);
  /** The column whose menu is open. */
  const [menu, setMenu] = useState<string | null>(null);
  const top = headHeight + (onFilters ? filterHeight : 0);
  const headRows = onFilters ? 2 : 1;
  const before = selection ? 1 : 0;
  /** Where a range of selected rows began: Shift goes on from here. */
  const anchor = useRef<number | null>(null);

  const fullHeight = order.length * rowHeight;
  const scale = Math.max(1, fullHeight / tallest);
  // The virtualizer's functions change what they answer without changing themselves, which React's compiler would not see.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtualizer = useVirtualizer({
    count: order.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight / scale,
    overscan: 8,
    scrollPaddingStart: top,
  });
  const visible = virtualizer.getVirtualItems();
  const offset = visible[0]?.start ?? 0;
  const width = columns.reduce((sum, { size }) => sum + size, edge);

  const place = (next: Cursor) => {
    setCursor(next);
    onHold?.(next.row > 0 || (scroller.current?.scrollTop ?? 0) > 0);
    if (next.row >= 0) virtualizer.scrollToIndex(next.row);
    scrollToColumn(scroller.current, columns, next.column);
  };
  const step = (delta: number) => {
    if (order.length === 0) return;
    scroller.current?.focus({ preventScroll: true });
    const from = focused ? cursor.row : delta > 0 ? -1 : order.length;
    const row = Math.max(0, Math.min(order.length - 1, from + delta));
    place({ row, column: cursor.column });
    if (props.current !== undefined && props.current !== null) onPeek?.(order[row]);
  };
  useHotkey("j", () => {
    step(1);
  });
  useHotkey("k", () => {
    step(-1);
  });
  useHotkey(
    "/",
    () => {
      scroller.current?.querySelector<HTMLInputElement>("[role=row] input")?.focus();
    },
    onFilters !== undefined,
  );

  /** Selects a row, or with `range` all from where the last selection began. */
  const select = (at: number, range: boolean) => {
    if (!selection) return;
    if (!range || anchor.current === null) {
      anchor.current = at;
      selection.set([order[at]], !selection.has(order[at]));
      return;
    }
    const [from, to] = [Math.min(anchor.current, at), Math.max(anchor.current, at)];
    selection.set(
      Array.from({ length: to - from + 1 }, (_, index) => order[from + index]),
      true,
    );
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const column = columns[cursor.column] as ShownColumn | undefined;
    const row = cursor.row >= 0 && cursor.row < order.length ? order[cursor.row] : null;
    if (event.altKey && event.shiftKey && event.key.startsWith("Arrow")) {
      column?.resizeBy(event.key === "ArrowRight" ? 16 : -16);
    } else if (event.ctrlKey && event.shiftKey && event.key.startsWith("Arrow")) {
      moveCursorColumn(event.key === "ArrowRight" ? 1 : -1);
    } else if (event.altKey && event.key === "ArrowDown" && column && cursor.row === -1) {
      setMenu(column.id);
    } else if (selection && (event.ctrlKey || event.metaKey) && event.key === "a") {
      selection.set(Array.from(order), true);
    } else if (selection && row !== null && event.key === "x" && !event.ctrlKey && !event.metaKey) {
      select(cursor.row, false);
    } else if (selection && row !== null && event.shiftKey && /^Arrow(Up|Down)$/.test(event.key)) {
      const to = Math.max(0, Math.min(order.length - 1, cursor.row + (event.key === "ArrowDown" ? 1 : -1)));
      if (anchor.current === null || !selection.has(row)) {
        anchor.current = cursor.row;
      }
      select(to, true);
      place({ row: to, column: cursor.column });
    } else if ((event.ctrlKey || event.metaKey) && event.key === "c" && column && row !== null) {
      if (window.getSelection()?.toString()) return;
      if (selection && selection.count > 0) copySelected();
      else copy(column.text(row) ?? "", "the cell");
    } else if (event.key === "Enter" && column) {
      if (cursor.row === -1) onSort(nextSort(sort, column.id));
      else if (row !== null) onOpen?.(row);
    } else if (event.key === " " && row !== null) {
      onPeek?.(row);
    } else {
      const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 0) - top) / rowHeight) - 1);
      const next = moveCursor(cursor, event, { rows: order.length, columns: columns.length, page });
      if (!next) return;
      place(next);
    }
    event.preventDefault();
  };

  const moveCursorColumn = (by: 1 | -1) => {
    const moved = moveColumn(layout, columns[cursor.column]?.id ?? "", by);
    if (!moved || !props.onLayout) return;
    props.onLayout(moved);
    setCursor({ row: cursor.row, column: cursor.column + by });
  };
  /** Selected rows as a spreadsheet takes them: a line a row, tabs between its cells. */
  const copySelected = () => {
    const rows = Array.from(order).filter((row) => selection?.has(row));
    const cell = (text: string | null) => (text ?? "").replace(/[\t\r\n]+/g, " ");
    copy(
      rows.map((row) => columns.map((column) => cell(column.text(row))).join("\t")).join("\n"),
      plural(rows.length, "row"),
    );
  };
  const headActions: HeaderMenuActions = {
    layout,
    onLayout: props.onLayout,
    onSort,
    onFilter:
      onFilters && ((column) => scroller.current?.querySelector<HTMLElement>(filterOf(column))?.focus()),
    onCopy: (column) => {
      const values = Array.from(order, (row) => column.text(row) ?? "");
      copy(values.join("\n"), plural(values.length, "value"));
    },
    onClosed: () => scroller.current?.focus({ preventScroll: true }),
  };

  const cellOf = (event: MouseEvent): Cursor | null => {
    const cell = (event.target as Element).closest<HTMLElement>("[data-place]");
    if (!cell) return null;
    return { row: Number(cell.dataset.place), column: Number(cell.dataset.column) };
  };

  const cursorShown =
    focused && (cursor.row === -1 || visible.some(({ index }) => index === cursor.row)) && order.length > 0;

  return (
    <div
      ref={scroller}
      role="grid"
      aria-label={label}
      aria-rowcount={order.length + headRows}
      aria-colcount={columns.length + before}
      aria-multiselectable={selection ? true : undefined}
      aria-activedescendant={cursorShown ? cellId(id, cursor.row, cursor.column) : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onFocus={(event) => {
        setFocused(event.target === event.currentTarget);
      }}
      onBlur={() => {
        setFocused(false);
      }}
      onScroll={(event) => {
        range.onScroll(event.currentTarget);
        onHold?.(event.currentTarget.scrollTop > 0);
      }}
      onClick={(event) => {
        const ticked = (event.target as Element).closest<HTMLElement>("[data-select]");
        if (ticked) {
          select(Number(ticked.dataset.select), event.shiftKey);
          return;
        }
        const at = cellOf(event);
        if (!at || window.getSelection()?.toString()) return;
        setCursor(at);
        onHold?.(at.row > 0);
        if (!(event.target as Element).closest("a, button")) onPeek?.(order[at.row]);
      }}
      onContextMenu={(event) => {
        const head = (event.target as Element).closest<HTMLElement>("[data-head]");
        if (!head) return;
        event.preventDefault();
        setMenu(head.dataset.head ?? null);
      }}
      onDoubleClick={(event) => {
        const at = cellOf(event);
        if (at) onOpen?.(order[at.row]);
      }}
      className="relative min-h-0 flex-1 overflow-auto overscroll-contain bg-surface outline-none print:overflow-visible"
    >
      <div
        style={{ width: Math.max(width, 1) }}
        className="sticky top-0 z-10 min-w-full bg-bg"
        role="rowgroup"
      >
        <div role="row" aria-rowindex={1} className="flex border-b border-border">
          {selection && <SelectAll selection={selection} order={order} stays={range.pinned.length > 0} />}
          {inView(range, ({ column, index }) => (
            <HeaderCell
              key={column.id}
              id={cellId(id, -1, index)}
              column={column}
              number={before + index + 1}
              sort={sort}
              active={focused && cursor.row === -1 && cursor.column === index}
              menuOpen={menu === column.id}
              onMenu={(open) => {
                setMenu(open ? column.id : null);
              }}
              actions={headActions}
            />
          ))}
        </div>
        {filters && onFilters && (
          <FilterRow
            edge={edge}
            lead={range.lead}
            before={before}
            pinned={range.pinned}
            drawn={range.drawn}
            filters={filters}
            onFilters={onFilters}
          />
        )}
      </div>
      {order.length === 0 ? (
        <div role="row" className="sticky left-0 w-full">
          <div role="gridcell">{props.empty}</div>
        </div>
      ) : (
        <div
          role="rowgroup"
          style={{ height: fullHeight / scale, width }}
          className={cn("min-w-full", props.dimmed && "opacity-60 transition-opacity delay-[400ms]")}
        >
          <div style={{ transform: `translateY(${offset}px)` }}>
            {visible.map(({ index }) => {
              const row = order[index];
              return (
                <GridRow
                  key={props.rowKey(row)}
                  row={row}
                  place={index}
                  rowIndex={index + headRows + 1}
                  height={rowHeight}
                  lead={range.lead}
                  pinned={range.pinned}
                  drawn={range.drawn}
                  gridId={id}
                  cursorColumn={focused && cursor.row === index ? cursor.column : -1}
                  current={props.current === row}
                  selected={selection?.has(row)}
                  fresh={props.isNew?.(row) ?? false}
                />
              );
            })}
          </div>
        </div>
      )}
    </div>
  );
}

interface GridRowProps {
  row: number;
  place: number;
  rowIndex: number;
  height: number;
  lead: number;
  pinned: PlacedColumn[];
  drawn: PlacedColumn[];
  gridId: string;
  cursorColumn: number;
  current: boolean;
  /** Undefined where rows cannot be selected. */
  selected: boolean | undefined;
  fresh: boolean;
}

function cellId(gridId: string, place: number, column: number): string {
  return `${gridId}-${place}-${column}`;
}

/** A row is drawn again only when something of its own changed: most of what scrolling shows was there before. */
const GridRow = memo(function GridRow(props: GridRowProps) {
  const { row, place, rowIndex, height, gridId, cursorColumn, current, selected, fresh } = props;
  const before = selected === undefined ? 0 : 1;
  return (
    <div
      role="row"
      aria-rowindex={rowIndex}
      aria-selected={selected ?? (current || undefined)}
      style={{ height }}
      className={cn(
        "flex border-b border-border bg-surface hover:bg-hover",
        cursorColumn >= 0 && "bg-hover",
        (current || selected) && "bg-selected hover:bg-selected",
        fresh && "shadow-[inset_2px_0_0_var(--primary)]",
      )}
    >
      {selected !== undefined && (
        <SelectCell place={place} selected={selected} stays={props.pinned.length > 0} />
      )}
      {inView(props, ({ column, index }) => (
        <div
          key={column.id}
          id={cellId(gridId, place, index)}
          role="gridcell"
          aria-colindex={before + index + 1}
          data-place={place}
          data-column={index}
          style={{ width: column.size, left: column.stays }}
          className={cn(
            "flex flex-none items-center px-2.5",
            // What scrolls by below a pinned cell must not show through it.
            column.stays !== undefined && "sticky z-1 bg-inherit",
            column.align && "justify-end tnum",
            column.mono && "font-mono text-xs",
            cursorColumn === index && "outline-[1.5px] -outline-offset-[1.5px] outline-ring",
          )}
        >
          {column.cell ? column.cell(row) : <CellText text={column.text(row)} />}
        </div>
      ))}
    </div>
  );
});

/** Brings a column into the sideways view, beside those that are pinned. */
function scrollToColumn(scroller: HTMLElement | null, columns: ShownColumn[], index: number): void {
  const column = columns.at(index);
  if (!scroller || !column || column.stays !== undefined) return;
  const before = (all: ShownColumn[]) => all.reduce((sum, { size }) => sum + size, 0);
  const pinned = before(columns.filter(({ stays }) => stays !== undefined));
  const start = before(columns.slice(0, index));
  const end = start + column.size;
  if (start - pinned < scroller.scrollLeft) scroller.scrollLeft = start - pinned;
  else if (end > scroller.scrollLeft + scroller.clientWidth) scroller.scrollLeft = end - scroller.clientWidth;
}

/** Puts a text on the clipboard and says what of it is there. */
function copy(text: string, what: string): void {
  navigator.clipboard.writeText(text).then(
    () => {
      notify(`Copied ${what}`);
    },
    () => {
      notify("The browser did not let the console copy", "bad");
    },
  );
}
