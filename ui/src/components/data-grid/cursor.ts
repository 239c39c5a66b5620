/** Where the grid's cursor is: a place among the shown rows (-1 is the head) and a column. */
export interface Cursor {
  row: number;
  column: number;
}

/** Where a key moves the cursor; null when the key is not the cursor's. */
export function moveCursor(
  { row, column }: Cursor,
  event: { key: string; ctrlKey: boolean; metaKey: boolean },
  size: { rows: number; columns: number; page: number },
): Cursor | null {
  const lastRow = size.rows - 1;
  const lastColumn = size.columns - 1;
  const whole = event.ctrlKey || event.metaKey;
  const clamp = (value: number, low: number, high: number) => Math.max(low, Math.min(high, value));
  const to = (nextRow: number, nextColumn: number) => ({
    row: clamp(nextRow, -1, lastRow),
    column: clamp(nextColumn, 0, lastColumn),
  });
  switch (event.key) {
    case "ArrowDown":
      return to(row + 1, column);
    case "ArrowUp":
      return to(row - 1, column);
    case "ArrowRight":
      return to(row, column + 1);
    case "ArrowLeft":
      return to(row, column - 1);
    case "PageDown":
      return to(row + size.page, column);
    case "PageUp":
      return to(Math.max(0, row - size.page), column);
    case "Home":
      return to(whole ? 0 : row, 0);
    case "End":
      return to(whole ? lastRow : row, lastColumn);
    default:
      return null;
  }
}
