import {
  columnOrderingFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { useMemo } from "react";
import type { GridColumn } from "./types";

const features = tableFeatures({
  columnOrderingFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
});
const noRows: Record<string, never>[] = [];
const smallestWidth = 56;

/** Which columns show, in which order and how wide. Rows are not the table's: they are virtual and come from the column store. */
export function useColumns(columns: GridColumn[], shown: string[] | undefined) {
  const definitions = useMemo(
    () => columns.map(({ id, width }) => ({ id, size: width, minSize: smallestWidth })),
    [columns],
  );
  const columnOrder = useMemo(() => shown ?? columns.map(({ id }) => id), [shown, columns]);
  const columnVisibility = useMemo(
    () => Object.fromEntries(columns.map(({ id }) => [id, !shown || shown.includes(id)])),
    [shown, columns],
  );
  const table = useTable({
    features,
    columns: definitions,
    data: noRows,
    state: { columnOrder, columnVisibility },
    columnResizeMode: "onChange",
  });
  const byId = useMemo(() => new Map(columns.map((column) => [column.id, column])), [columns]);
  const headers = table.getHeaderGroups()[0]?.headers;
  const sizes = table.state.columnSizing;
  // The same columns have to stay the same objects while one scrolls, or every row would be drawn anew.
  return useMemo(
    () =>
      (headers ?? []).flatMap((header) => {
        const column = byId.get(header.column.id);
        if (!column) return [];
        const size = sizes[column.id] ?? column.width;
        return [
          {
            ...column,
            size,
            startResize: header.getResizeHandler(),
            /** Widens or narrows by keyboard. */
            resizeBy: (delta: number) => {
              table.setColumnSizing((old) => ({
                ...old,
                [column.id]: Math.max(smallestWidth, size + delta),
              }));
            },
          },
        ];
      }),
    [headers, sizes, byId, table],
  );
}

export type ShownColumn = ReturnType<typeof useColumns>[number];
