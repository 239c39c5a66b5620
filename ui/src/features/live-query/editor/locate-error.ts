import type { LintResult } from "@/lib/api/types";

export type LintError = NonNullable<LintResult["error"]>;

/**
 * An error with its place in the statement. SQLite knows no place for some of them ("no such column: prt"); then it is where
 * the name that the message ends with stands, or the statement's start.
 */
export function locateError(error: LintError, sql: string): LintError {
  if (error.offset >= 0) return error;
  const name = /([\w.]+)\W*$/.exec(error.message)?.[1] ?? "";
  const found = name === "" ? -1 : sql.search(new RegExp(`\\b${name.replaceAll(".", "\\.")}\\b`, "i"));
  const offset = Math.max(0, found);
  const before = sql.slice(0, offset).split("\n");
  return { ...error, offset, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
