import type { ReactNode } from "react";
import type { ColumnLayout } from "@/lib/grid/column-layout";
import type { Filter, Sort } from "@/lib/grid/filter";

export interface GridColumn {
  id: string;
  header: string;
  width: number;
  /** Numbers stand at the end, so that their digits line up. */
  align?: "end";
  mono?: boolean;
  /** What the column means, on hover of its head. */
  hint?: string;
  sortable?: boolean;
  filterable?: boolean;
  /** What the column holds where it is not plain text: its filter offers what one asks of such values. */
  kind?: "number" | "time";
  /** All values, where they are few: the filter offers them. */
  choices?: string[];
  /** The cell's text as it is copied, and as it is shown without `cell`. NULL is null. */
  text: (row: number) => string | null;
  cell?: (row: number) => ReactNode;
}

/** The rows that are selected, and how they change. Without it a grid has no check boxes. */
export interface GridSelection {
  has: (row: number) => boolean;
  /** How many of the shown rows are selected. */
  count: number;
  set: (rows: number[], on: boolean) => void;
}

export interface GridProps {
  /** What the grid holds, for those who hear it. */
  label: string;
  columns: GridColumn[];
  /** Row numbers in the order in which they show. */
  order: ArrayLike<number>;
  rowKey: (row: number) => string | number;
  sort: Sort | null;
  onSort: (sort: Sort | null) => void;
  filters?: Filter[];
  onFilters?: (filters: Filter[]) => void;
  /** Which columns show, and which of them are pinned; all as given when absent. */
  layout?: ColumnLayout;
  onLayout?: (layout: ColumnLayout) => void;
  /** Enter or a double click. */
  onOpen?: (row: number) => void;
  /** Space or a click. */
  onPeek?: (row: number) => void;
  /** The row whose peek is open. */
  current?: number | null;
  selection?: GridSelection;
  isNew?: (row: number) => boolean;
  /** Told when the person scrolls down or moves the cursor, so that streaming rows hold still, and when all is at the top again. */
  onHold?: (holding: boolean) => void;
  rowHeight?: number;
  /** Says that rows are being refreshed; they stay, dimmed. */
  dimmed?: boolean;
  empty?: ReactNode;
}
