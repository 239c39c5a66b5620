import type { ColumnStore } from "@/lib/grid/column-store";

/** Bars shown at most: beyond them one reads the table. */
const mostBars = 20;

export interface Bar {
  label: string;
  value: number;
  /** How many values were put together: those past the last bar. */
  others?: number;
}

/** What a chart counts: rows, or the sum of a numeric column. */
export type Measure = "rows" | (string & {});

/** How the shown rows fall on a column's values, largest first; what has no room is one bar. */
export function barsOf(store: ColumnStore, order: ArrayLike<number>, by: string, measure: Measure): Bar[] {
  const column = store.columns.get(by);
  if (!column) return [];
  const sums = new Map<number, number>();
  const weight = weightOf(store, measure);
  for (let place = 0; place < order.length; place++) {
    const row = order[place];
    const id = column.id(row);
    sums.set(id, (sums.get(id) ?? 0) + weight(row));
  }
  const bars = [...sums]
    .map(([id, value]) => ({ label: labelOf(column.values[id]), value }))
    .sort((a, b) => b.value - a.value || a.label.localeCompare(b.label));
  if (bars.length <= mostBars) return bars;
  const rest = bars.slice(mostBars - 1);
  return [
    ...bars.slice(0, mostBars - 1),
    { label: "others", value: rest.reduce((sum, { value }) => sum + value, 0), others: rest.length },
  ];
}

export interface Point {
  x: number;
  y: number;
}

/** The measure over a numeric column, by its value; rows whose value is no number are left out. */
export function pointsOf(
  store: ColumnStore,
  order: ArrayLike<number>,
  by: string,
  measure: Measure,
): Point[] {
  const column = store.columns.get(by);
  if (!column) return [];
  const sums = new Map<number, number>();
  const weight = weightOf(store, measure);
  for (let place = 0; place < order.length; place++) {
    const row = order[place];
    const x = numberOf(column.value(row));
    if (x !== null) sums.set(x, (sums.get(x) ?? 0) + weight(row));
  }
  return [...sums].map(([x, y]) => ({ x, y })).sort((a, b) => a.x - b.x);
}

/** Columns whose values are mostly numbers. */
export function numericColumns(store: ColumnStore, names: string[]): string[] {
  return names.filter((name) => {
    const values = store.columns.get(name)?.values.filter((value) => value !== null) ?? [];
    const numbers = values.filter((value) => numberOf(value) !== null);
    return values.length > 0 && numbers.length > values.length * 0.9;
  });
}

function weightOf(store: ColumnStore, measure: Measure): (row: number) => number {
  if (measure === "rows") return () => 1;
  const column = store.columns.get(measure);
  return (row) => (column ? (numberOf(column.value(row)) ?? 0) : 0);
}

function numberOf(value: string | number | null): number | null {
  if (typeof value === "number") return value;
  if (value === null || value.trim() === "") return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

function labelOf(value: string | number | null): string {
  if (value === null) return "NULL";
  return value === "" ? "(empty)" : String(value);
}
