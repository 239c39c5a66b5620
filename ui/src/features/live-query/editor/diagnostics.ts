import { lintGutter, linter, type Diagnostic } from "@codemirror/lint";
import { StateEffect, type Extension } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import type { LintResult } from "@/lib/api/types";
import { locateError } from "./locate-error";

/** Milliseconds without a key after which the server's parser is asked. */
const settle = 250;

/** What the status line says about a statement. */
export type LintState = { state: "empty" } | { state: "checked"; result: LintResult } | { state: "unknown" };

/** Has the same text checked again: what compiles differs with whom one asks. */
export const recheck = StateEffect.define<null>();

/** Checks as one types: the parser's error is underlined where it stands. Only the newest text's answer counts. */
export function diagnostics(
  lint: (sql: string, signal: AbortSignal) => Promise<LintResult>,
  report: (state: LintState) => void,
): Extension {
  let asked = new AbortController();
  const check = async (view: EditorView): Promise<Diagnostic[]> => {
    asked.abort();
    asked = new AbortController();
    const { signal } = asked;
    const sql = view.state.doc.toString();
    if (sql.trim() === "") {
      report({ state: "empty" });
      return [];
    }
    try {
      const result = await lint(sql, signal);
      if (signal.aborted) return [];
      const error = result.error ? locateError(result.error, sql) : undefined;
      report({ state: "checked", result: { ...result, error } });
      return error ? [diagnosticOf(error, sql)] : [];
    } catch {
      // Not being able to check is no error of the statement; the run itself will tell.
      if (!signal.aborted) report({ state: "unknown" });
      return [];
    }
  };
  return [
    linter(check, {
      delay: settle,
      needsRefresh: ({ transactions }) =>
        transactions.some(({ effects }) => effects.some((effect) => effect.is(recheck))),
    }),
    lintGutter(),
  ];
}

/** The word at the error's offset, or the character before the text's end. */
export function diagnosticOf(
  { message, offset }: { message: string; offset: number },
  sql: string,
): Diagnostic {
  const end = sql.trimEnd().length;
  const from = Math.max(0, Math.min(offset, end - 1));
  const word = /^[\w.]+/.exec(sql.slice(from))?.[0].length ?? 1;
  return { from, to: Math.min(sql.length, from + Math.max(1, word)), severity: "error", message };
}
