import { sql } from "@codemirror/lang-sql";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, placeholder } from "@codemirror/view";
import { useEffect, useEffectEvent, useImperativeHandle, useRef, type Ref } from "react";
import { baseExtensions } from "@/components/code-editor/base";
import type { LintResult, Table } from "@/lib/api/types";
import { catalogue } from "./catalogue";
import { dialect, functionCompletions, schemaOf } from "./completion";
import { diagnostics, recheck, type LintState } from "./diagnostics";

export interface SqlEditorHandle {
  /** Replaces the text and puts the cursor at its end. */
  setText: (text: string) => void;
  insert: (text: string) => void;
  focus: () => void;
  /** Has the text checked again. */
  check: () => void;
  /** The selected part when there is one, else all. */
  textToRun: () => string;
}

interface SqlEditorProps {
  ref: Ref<SqlEditorHandle>;
  initial: string;
  tables: Table[];
  lint: (sql: string, signal: AbortSignal) => Promise<LintResult>;
  onChange: (sql: string) => void;
  onLint: (state: LintState) => void;
  onRun: () => void;
  onCursor: (line: number, column: number) => void;
}

/** SQL with completion, documentation and errors as one types. Tab leaves it; Ctrl ] indents. */
export function SqlEditor({ ref, initial, tables, lint, onChange, onLint, onRun, onCursor }: SqlEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const language = useRef(new Compartment());
  const changed = useEffectEvent(onChange);
  const linted = useEffectEvent(onLint);
  const ran = useEffectEvent(onRun);
  const moved = useEffectEvent(onCursor);
  const check = useEffectEvent(lint);
  const firstText = useEffectEvent(() => initial);

  useEffect(() => {
    if (!host.current) return;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: firstText(),
        extensions: [
          ...baseExtensions("SQL to run", {
            "Mod-Enter": () => {
              ran();
            },
          }),
          placeholder("SELECT name, pid, path FROM processes"),
          language.current.of([]),
          diagnostics(
            (text, signal) => check(text, signal),
            (state) => {
              linted(state);
            },
          ),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed(update.state.doc.toString());
            if (update.docChanged || update.selectionSet) {
              const head = update.state.selection.main.head;
              const line = update.state.doc.lineAt(head);
              moved(line.number, head - line.from + 1);
            }
          }),
        ],
      }),
    });
    view.current = editor;
    return () => {
      editor.destroy();
      view.current = null;
    };
  }, []);

  useEffect(() => {
    view.current?.dispatch({
      effects: language.current.reconfigure([
        sql({ dialect, schema: schemaOf(tables), upperCaseKeywords: true }),
        dialect.language.data.of({
          autocomplete: (context: { matchBefore: (pattern: RegExp) => { from: number } | null }) => {
            const word = context.matchBefore(/\w{2,}$/);
            return word ? { from: word.from, options: functionCompletions } : null;
          },
        }),
        catalogue(tables),
      ]),
    });
  }, [tables]);

  useImperativeHandle(ref, () => ({
    setText: (text) => {
      const editor = view.current;
      if (!editor) return;
      editor.dispatch({
        changes: { from: 0, to: editor.state.doc.length, insert: text },
        selection: { anchor: text.length },
      });
    },
    insert: (text) => {
      const editor = view.current;
      if (!editor) return;
      editor.dispatch(editor.state.replaceSelection(text));
      editor.focus();
    },
    focus: () => {
      view.current?.focus();
    },
    check: () => {
      view.current?.dispatch({ effects: recheck.of(null) });
    },
    textToRun: () => {
      const state = view.current?.state;
      if (!state) return "";
      const { from, to } = state.selection.main;
      return from === to ? state.doc.toString() : state.sliceDoc(from, to);
    },
  }));

  return <div ref={host} data-pane="editor" className="h-full min-h-0" />;
}
