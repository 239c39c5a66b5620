import { textOf, toValue } from "@/lib/grid/column-store";
import { visibleText } from "@/lib/visible-text";

/** Characters of a summary; the row itself is a click away. */
const longest = 90;

/** A row in a line: its columns that say something, `name = sshd, port = 22`. */
export function rowText(columns: string[] | null, values: unknown[] | null): string {
  const parts = (columns ?? []).flatMap((column, index) => {
    const text = textOf(toValue(values?.[index]));
    return text === "" ? [] : [`${column} = ${visibleText(text)}`];
  });
  const line = parts.join(", ");
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}

/** What of a row changed, `version: 1.2 → 1.3`. */
export function changedText(
  columns: string[] | null,
  was: unknown[] | null,
  value: unknown[] | null,
): string {
  const parts = (columns ?? []).flatMap((column, index) => {
    const before = textOf(toValue(was?.[index]));
    const after = textOf(toValue(value?.[index]));
    return before === after ? [] : [`${column}: ${visibleText(before)} → ${visibleText(after)}`];
  });
  return parts.join(", ");
}
