import type { GridColumn } from "@/components/data-grid/types";
import type { Column, ColumnStore } from "./column-store";

/** Values looked at to guess a column's width and kind. */
const sampled = 50;
const characterWidth = 7.3;

/** Grid columns for a store whose columns are known by their data alone. */
export function storeColumns(store: ColumnStore): GridColumn[] {
  return [...store.columns].map(([name, column]) => dataColumn(name, column));
}

/** One column as its values suggest: numbers at the end, paths and hashes in mono, as wide as most of its texts. */
export function dataColumn(name: string, column: Column): GridColumn {
  const sample = column.values.slice(0, sampled).filter((value) => value !== null);
  const longest = Math.max(name.length, ...sample.map((value) => String(value).length));
  const numeric = sample.length > 0 && sample.every((value) => typeof value === "number");
  return {
    id: name,
    header: name,
    width: Math.min(340, Math.max(84, Math.round(longest * characterWidth) + 24)),
    align: numeric ? "end" : undefined,
    mono:
      !numeric && sample.some((value) => typeof value === "string" && /[/\\:]|^[0-9a-f]{8,}$/i.test(value)),
    text: (row) => {
      const value = column.value(row);
      return value === null ? null : String(value);
    },
  };
}
