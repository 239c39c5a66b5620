import { lintGutter, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { EditorState, type Text } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useEffectEvent, useImperativeHandle, useRef, type Ref } from "react";
import { baseExtensions } from "@/components/code-editor/base";
import { ruleHelp } from "./rule-help";
import { ruleLanguage } from "./rule-language";
import type { Problem } from "./rule-problems";
import type { Known } from "./rule-words";

export interface RuleTextHandle {
  /** Puts the cursor at a mistake. */
  show: (problem: Problem) => void;
}

/** A rule's text, with what may stand where, and mistakes where they are. Tab leaves it. */
export function RuleText({
  ref,
  initial,
  known,
  problems,
  onText,
  onSave,
  onTry,
}: {
  ref: Ref<RuleTextHandle>;
  initial: string;
  known: Known;
  problems: Problem[];
  onText: (text: string) => void;
  onSave: () => void;
  onTry: () => void;
}) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const changed = useEffectEvent(onText);
  const saved = useEffectEvent(onSave);
  const tried = useEffectEvent(onTry);
  const knows = useEffectEvent(() => known);
  const firstText = useEffectEvent(() => initial);

  useEffect(() => {
    if (!host.current) return;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: firstText(),
        extensions: [
          ...baseExtensions("Text of the rule", {
            "Mod-s": () => {
              saved();
            },
            "Mod-Enter": () => {
              tried();
            },
          }),
          ruleLanguage,
          ruleHelp(() => knows()),
          lintGutter(),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed(update.state.doc.toString());
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
    const editor = view.current;
    if (!editor) return;
    const { doc } = editor.state;
    editor.dispatch(
      setDiagnostics(
        editor.state,
        problems.map((problem) => diagnosticOf(problem, doc)),
      ),
    );
  }, [problems]);

  useImperativeHandle(ref, () => ({
    show: (problem) => {
      const editor = view.current;
      if (!editor) return;
      editor.dispatch({ selection: { anchor: offsetOf(problem, editor.state.doc) }, scrollIntoView: true });
      editor.focus();
    },
  }));

  return <div ref={host} className="h-full min-h-0" />;
}

/** Where a mistake is. The text may have been shortened since it was read. */
function offsetOf({ line, column }: Problem, doc: Text): number {
  const at = doc.line(Math.min(line, doc.lines));
  return Math.min(at.from + column - 1, at.to);
}

function diagnosticOf(problem: Problem, doc: Text): Diagnostic {
  const from = offsetOf(problem, doc);
  const word = /^[\w.]+/.exec(doc.sliceString(from, doc.lineAt(from).to))?.[0].length ?? 1;
  return { from, to: Math.min(doc.length, from + word), severity: "error", message: problem.message };
}
