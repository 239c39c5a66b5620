import type { Value } from "./column-store";

/** First characters with which a spreadsheet takes a text for a formula, their full-width forms among them. */
const formulaStart = /^[=+\-@\t\r\n＝＋－＠]/;

/** A quoted cell (SECURITY-MODEL.md 2.14): text that could be a formula gets a leading apostrophe, numbers do not. */
export function csvCell(value: Value): string {
  if (value === null) return '""';
  if (typeof value === "number") return `"${value}"`;
  const safe = formulaStart.test(value) ? `'${value}` : value;
  return `"${safe.replaceAll('"', '""')}"`;
}

export function csvLine(cells: Value[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

/** What is shown, as CSV: these columns, these rows, this order. Excel needs the byte order mark to read UTF-8. */
export function toCsv(
  headers: string[],
  order: ArrayLike<number>,
  cell: (column: number, row: number) => Value,
): Blob {
  const parts = ["\ufeff", csvLine(headers)];
  for (let place = 0; place < order.length; place++) {
    parts.push(csvLine(headers.map((_, column) => cell(column, order[place]))));
  }
  return new Blob(parts, { type: "text/csv;charset=utf-8" });
}
