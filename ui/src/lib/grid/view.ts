import type { Column, ColumnStore, Value } from "./column-store";
import { predicate, type Filter, type Sort } from "./filter";

/** Different values up to which texts sort as people count (`web-2` before `web-10`); beyond it by code, ten times as fast. */
const naturalLimit = 20_000;
const natural = new Intl.Collator(undefined, { numeric: true });

/**
 * The rows that pass all filters, as row numbers in sorted order. `counts` are columns that the store does not hold, a number
 * for each row. Equal rows keep the order in which they came.
 */
export function view(
  store: ColumnStore,
  filters: Filter[],
  sort: Sort | null,
  counts: Record<string, Uint32Array> = {},
): Uint32Array {
  const kept = filterRows(store, filters, counts);
  if (!sort) return kept;
  const column = store.columns.get(sort.column);
  const numbers = counts[sort.column];
  if (!column && !numbers) return kept;
  const rankOf = column ? columnRanks(column, sort.descending) : countRanks(numbers, sort.descending);
  return sortByRank(kept, rankOf);
}

function filterRows(store: ColumnStore, filters: Filter[], counts: Record<string, Uint32Array>): Uint32Array {
  const tests = filters.flatMap(({ column: name, text }) => {
    const passes = predicate(text);
    const numbers = counts[name];
    if (numbers) return [(row: number) => passes(numbers[row])];
    const column = store.columns.get(name);
    if (!column) return []; // a filter of an earlier query's column holds nothing back
    const passing = Uint8Array.from(column.values, (value) => (passes(value) ? 1 : 0));
    return [(row: number) => passing[column.id(row)] === 1];
  });
  const kept = new Uint32Array(store.length);
  let length = 0;
  for (let row = 0; row < store.length; row++) {
    if (tests.every((test) => test(row))) kept[length++] = row;
  }
  return kept.slice(0, length);
}

/** The place of each value among the column's values; NULL comes last whichever way one sorts. */
function columnRanks(column: Column, descending: boolean): (row: number) => number {
  const { values } = column;
  const order = Uint32Array.from(values.keys());
  const compareText =
    values.length <= naturalLimit ? (a: string, b: string) => natural.compare(a, b) : compareByCode;
  const direction = descending ? -1 : 1;
  order.sort((a, b) => compareValues(values[a], values[b], direction, compareText));
  const ranks = new Uint32Array(values.length);
  order.forEach((id, rank) => {
    ranks[id] = rank;
  });
  return (row) => ranks[column.id(row)];
}

function compareByCode(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareValues(
  a: Value,
  b: Value,
  direction: number,
  compareText: (a: string, b: string) => number,
): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (typeof a === "number" && typeof b === "number") return (a - b) * direction;
  if (typeof a === "number") return -direction;
  if (typeof b === "number") return direction;
  return compareText(a, b) * direction;
}

function countRanks(numbers: Uint32Array, descending: boolean): (row: number) => number {
  return descending ? (row) => 0xffffffff - numbers[row] : (row) => numbers[row];
}

/** Sorts numbers that hold rank and place, since sorting plain numbers is far faster than calling a comparison. */
function sortByRank(rows: Uint32Array, rankOf: (row: number) => number): Uint32Array {
  const keys = new Float64Array(rows.length);
  for (let place = 0; place < rows.length; place++) keys[place] = rankOf(rows[place]) * rows.length + place;
  keys.sort();
  const sorted = new Uint32Array(rows.length);
  for (let place = 0; place < rows.length; place++) sorted[place] = rows[keys[place] % rows.length];
  return sorted;
}
