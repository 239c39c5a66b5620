import type { GridColumn } from "@/components/data-grid/types";
import type { Column, ColumnStore, Value } from "./column-store";

/** Values looked at to guess a column's width and kind. */
const sampled = 50;
const characterWidth = 7.3;
/** Paths, addresses and hashes are told apart sign by sign. */
const monoText = /[/\\:]|^[0-9a-f]{8,}$|^\d+(\.\d+){2,}/i;

/** Grid columns for a store whose columns are known by their data alone. */
export function storeColumns(store: ColumnStore): GridColumn[] {
  return [...store.columns].map(([name, column]) => dataColumn(name, column));
}

/** One column as its values suggest: numbers at the end, paths and hashes in mono, as wide as most of its texts. */
export function dataColumn(name: string, column: Column): GridColumn {
  const sample = column.values.slice(0, sampled).filter((value) => value !== null);
  const lengths = sample.map((value) => String(value).length).sort((a, b) => a - b);
  // One long value must not widen a column of short ones.
  const usual = lengths[Math.floor(lengths.length * 0.9)] ?? 0;
  const longest = Math.max(name.length + 2, usual);
  const most = (is: (value: Value) => boolean) => sample.filter(is).length > sample.length * 0.7;
  const numeric = most((value) => typeof value === "number");
  return {
    id: name,
    header: name,
    width: Math.min(340, Math.max(84, Math.round(longest * characterWidth) + 24)),
    align: numeric ? "end" : undefined,
    mono: !numeric && most((value) => typeof value === "string" && monoText.test(value)),
    text: (row) => {
      const value = column.value(row);
      return value === null ? null : String(value);
    },
  };
}
