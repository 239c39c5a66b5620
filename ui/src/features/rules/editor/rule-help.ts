import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { EditorState, type Extension } from "@codemirror/state";
import { hoverTooltip } from "@codemirror/view";
import { hoverNote } from "@/components/code-editor/hover-note";
import { functionDocs, keyDocs, valueDocs } from "./rule-docs";
import { isExpression, placeAt, type Place } from "./rule-place";
import { wordsAt, type Known, type Word } from "./rule-words";

const types = {
  key: "keyword",
  value: "constant",
  column: "property",
  function: "function",
  table: "class",
  name: "text",
};

function placeIn(state: EditorState, position: number): Place {
  const line = state.doc.lineAt(position);
  // Only what is above decides: the rest of a long document is not read.
  const lines = state.sliceDoc(0, line.to).split("\n");
  return placeAt(lines, line.number - 1, position - line.from);
}

/** Offers what may stand at the cursor and explains words under the pointer. `known` is read at each key, so it may change. */
export function ruleHelp(known: () => Known): Extension {
  // One source for good: the editor tells by it which answer belongs to which question.
  const data = [{ autocomplete: (context: CompletionContext) => complete(context, known()) }];
  return [
    EditorState.languageData.of(() => data),
    hoverTooltip((view, position) => {
      const word = wordIn(view.state, position);
      if (!word) return null;
      const doc = docOf(word.text, placeIn(view.state, word.from), known());
      return doc === undefined ? null : hoverNote(word, word.text, doc);
    }),
  ];
}

function complete(context: CompletionContext, known: Known): CompletionResult | null {
  const typed = context.matchBefore(/\.?[\w.]*$/);
  if (!typed || (typed.text === "" && !context.explicit)) return null;
  const place = placeIn(context.state, typed.from);
  // `.port` and `rows[0].port` name a column, `agent.tags` a value of the agent.
  const dotted = typed.text.startsWith(".");
  const words = wordsAt(place, dotted, known);
  if (words.length === 0) return null;
  return {
    from: typed.from + (dotted ? 1 : 0),
    options: words.map((word) => optionOf(word)),
    validFor: /^[\w.]*$/,
  };
}

function optionOf({ label, kind, doc }: Word): Completion {
  const apply = kind === "key" ? `${label}: ` : kind === "function" ? `${label}(` : label;
  return { label, type: types[kind], info: doc, apply, detail: kind === "column" ? "column" : undefined };
}

/** The word at a position; values of the agent with their dot. */
function wordIn(state: EditorState, position: number): { from: number; to: number; text: string } | null {
  const line = state.doc.lineAt(position);
  for (const found of line.text.matchAll(/agent\.\w+|\w+/g)) {
    const from = line.from + found.index;
    const to = from + found[0].length;
    if (from <= position && position <= to) return { from, to, text: found[0] };
  }
  return null;
}

function docOf(text: string, place: Place, { check }: Known): string | undefined {
  if (place.key) return keyDocs[text];
  if (!isExpression(place) && place.field !== "sql" && place.field !== "group_by") return undefined;
  const table = check?.schemas[text];
  if (place.field === "sql" && table) return `A table of the rule with the columns ${table.join(", ")}.`;
  if (isExpression(place) && text in functionDocs) return functionDocs[text];
  if (text in valueDocs) return valueDocs[text];
  return check?.columns?.includes(text) ? "A column of the rows that the expression sees." : undefined;
}
