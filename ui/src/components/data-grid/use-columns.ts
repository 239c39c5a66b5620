import {
  columnOrderingFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { useMemo } from "react";
import { defaultLayout, type ColumnLayout } from "@/lib/grid/column-layout";
import type { GridColumn } from "./types";

const features = tableFeatures({
  columnOrderingFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
});
const noRows: Record<string, never>[] = [];
const smallestWidth = 56;

/**
 * Which columns show, in which order, how wide, and where the pinned ones stay. Rows are not the table's: they are virtual and
 * come from the column store. `edge` is how many pixels stand before the first column.
 */
export function useColumns(columns: GridColumn[], chosen: ColumnLayout | undefined, edge: number) {
  const definitions = useMemo(
    () => columns.map(({ id, width }) => ({ id, size: width, minSize: smallestWidth })),
    [columns],
  );
  const layout = useMemo(() => chosen ?? defaultLayout(columns), [chosen, columns]);
  const columnVisibility = useMemo(
    () => Object.fromEntries(columns.map(({ id }) => [id, layout.ids.includes(id)])),
    [layout, columns],
  );
  const table = useTable({
    features,
    columns: definitions,
    data: noRows,
    state: { columnOrder: layout.ids, columnVisibility },
    columnResizeMode: "onChange",
  });
  const byId = useMemo(() => new Map(columns.map((column) => [column.id, column])), [columns]);
  const headers = table.getHeaderGroups()[0]?.headers;
  const sizes = table.state.columnSizing;
  // The same columns have to stay the same objects while one scrolls, or every row would be drawn anew.
  const shown = useMemo(() => {
    const known = (headers ?? []).flatMap((header) => {
      const column = byId.get(header.column.id);
      return column ? [{ header, column, size: sizes[column.id] ?? column.width }] : [];
    });
    return known.map(({ header, column, size }, at) => ({
      ...column,
      size,
      /** Pixels from the grid's edge at which a pinned column stays. */
      stays:
        at < layout.pinned
          ? known.slice(0, at).reduce((sum, { size: before }) => sum + before, edge)
          : undefined,
      startResize: header.getResizeHandler(),
      /** Widens or narrows by keyboard. */
      resizeBy: (delta: number) => {
        table.setColumnSizing((old) => ({ ...old, [column.id]: Math.max(smallestWidth, size + delta) }));
      },
    }));
  }, [headers, sizes, byId, table, layout.pinned, edge]);
  return { columns: shown, layout };
}

export type ShownColumn = ReturnType<typeof useColumns>["columns"][number];
