import {
  ArrowDown,
  ArrowLeft,
  ArrowRight,
  ArrowUp,
  ChevronDown,
  Copy,
  EyeOff,
  ListFilter,
  Pin,
  PinOff,
  X,
  type LucideIcon,
} from "lucide-react";
import { useRef } from "react";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { cn } from "@/lib/cn";
import { isPinned, moveColumn, pinColumn, toggleColumn, type ColumnLayout } from "@/lib/grid/column-layout";
import type { Sort } from "@/lib/grid/filter";
import type { ShownColumn } from "./use-columns";

/** What one can do with a column from its head. */
export interface HeaderMenuActions {
  layout: ColumnLayout;
  /** Without it columns stay as they are. */
  onLayout?: (layout: ColumnLayout) => void;
  onSort: (sort: Sort | null) => void;
  /** Puts the cursor into the column's filter; without it the grid has none. */
  onFilter?: (column: string) => void;
  onCopy: (column: ShownColumn) => void;
  /** Gives focus back to the grid. */
  onClosed: () => void;
}

interface HeaderMenuProps {
  column: ShownColumn;
  sort: Sort | null;
  open: boolean;
  /** Whether the grid's cursor is on this head: its button shows without a pointer. */
  active: boolean;
  onOpen: (open: boolean) => void;
  actions: HeaderMenuActions;
}

/**
 * The menu of a column: sort, filter, pin, move, hide and copy. Its parts are made when it opens, since a head is drawn again
 * with each scroll. By keyboard Alt+↓ opens it on the head that the grid's cursor is on.
 */
export function HeaderMenu({ column, sort, open, active, onOpen, actions }: HeaderMenuProps) {
  /** A menu keeps focus while it is open: the filter gets it once the menu is gone. */
  const toFilter = useRef(false);
  const button = (
    <button
      type="button"
      tabIndex={-1}
      aria-label={`Column ${column.header}`}
      aria-haspopup="menu"
      aria-expanded={open}
      className={cn(
        "mx-1 grid size-6 flex-none place-items-center rounded-xs text-fg-subtle opacity-0 group-hover/head:opacity-100 hover:bg-hover hover:text-fg focus-visible:opacity-100 pointer-coarse:opacity-100",
        (open || active) && "opacity-100",
      )}
      onClick={() => {
        onOpen(true);
      }}
    >
      <ChevronDown size={13} aria-hidden />
    </button>
  );
  if (!open) return button;
  return (
    // Modal, it would take the rest of the page out of the way of pointers and hearers: a style for each of a grid's cells.
    <DropdownMenu open modal={false} onOpenChange={onOpen}>
      <DropdownMenuTrigger asChild>{button}</DropdownMenuTrigger>
      <DropdownMenuContent
        align="end"
        aria-label={`Column ${column.header}`}
        onCloseAutoFocus={(event) => {
          event.preventDefault();
          if (toFilter.current) actions.onFilter?.(column.id);
          else actions.onClosed();
          toFilter.current = false;
        }}
      >
        <SortItems column={column} sort={sort} onSort={actions.onSort} />
        {actions.onFilter && column.filterable !== false && (
          <Item
            icon={ListFilter}
            label="Filter"
            onSelect={() => {
              toFilter.current = true;
            }}
          />
        )}
        {actions.onLayout && <LayoutItems id={column.id} {...actions} onLayout={actions.onLayout} />}
        <DropdownMenuSeparator />
        <Item
          icon={Copy}
          label="Copy the column"
          onSelect={() => {
            actions.onCopy(column);
          }}
        />
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

function SortItems({
  column,
  sort,
  onSort,
}: {
  column: ShownColumn;
  sort: Sort | null;
  onSort: (sort: Sort | null) => void;
}) {
  if (column.sortable === false) return null;
  return (
    <>
      <Item
        icon={ArrowUp}
        label="Sort ascending"
        onSelect={() => {
          onSort({ column: column.id, descending: false });
        }}
      />
      <Item
        icon={ArrowDown}
        label="Sort descending"
        onSelect={() => {
          onSort({ column: column.id, descending: true });
        }}
      />
      {sort?.column === column.id && (
        <Item
          icon={X}
          label="Do not sort"
          onSelect={() => {
            onSort(null);
          }}
        />
      )}
    </>
  );
}

function LayoutItems({
  id,
  layout,
  onLayout,
}: {
  id: string;
  layout: ColumnLayout;
  onLayout: (layout: ColumnLayout) => void;
}) {
  const pinned = isPinned(layout, id);
  const before = moveColumn(layout, id, -1);
  const after = moveColumn(layout, id, 1);
  return (
    <>
      <DropdownMenuSeparator />
      <Item
        icon={pinned ? PinOff : Pin}
        label={pinned ? "Unpin" : "Pin at the start"}
        onSelect={() => {
          onLayout(pinColumn(layout, id, !pinned));
        }}
      />
      <Item
        icon={ArrowLeft}
        label="Move before"
        onSelect={
          before &&
          (() => {
            onLayout(before);
          })
        }
      />
      <Item
        icon={ArrowRight}
        label="Move after"
        onSelect={
          after &&
          (() => {
            onLayout(after);
          })
        }
      />
      <Item
        icon={EyeOff}
        label="Hide"
        onSelect={
          layout.ids.length > 1
            ? () => {
                onLayout(toggleColumn(layout, id, false));
              }
            : undefined
        }
      />
    </>
  );
}

/** An item of the menu; without an action it is off. */
function Item({
  icon: Icon,
  label,
  onSelect,
}: {
  icon: LucideIcon;
  label: string;
  onSelect: (() => void) | undefined;
}) {
  return (
    <DropdownMenuItem disabled={!onSelect} onSelect={onSelect}>
      <Icon size={14} strokeWidth={1.75} className="text-fg-subtle" aria-hidden />
      {label}
    </DropdownMenuItem>
  );
}
