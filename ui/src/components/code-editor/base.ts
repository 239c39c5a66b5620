import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  completionStatus,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, indentOnInput } from "@codemirror/language";
import { lintKeymap } from "@codemirror/lint";
import { searchKeymap } from "@codemirror/search";
import { Prec, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { styleNonce } from "@/lib/csp";
import { replaceSelection } from "./replace-selection";
import { editorTheme } from "./theme";

/**
 * What every editor of the console has: numbers of lines, history, completion, search. `chords` come before the editor's own
 * keys. Escape closes what is open, then leaves; Tab leaves at once.
 */
export function baseExtensions(label: string, chords: Record<string, () => void>): Extension[] {
  return [
    ...(styleNonce ? [EditorView.cspNonce.of(styleNonce)] : []),
    Prec.highest(
      keymap.of([
        ...Object.entries(chords).map(([key, act]) => ({
          key,
          run: () => {
            act();
            return true;
          },
        })),
        {
          key: "Escape",
          run: (target: EditorView) => {
            if (completionStatus(target.state)) return false;
            target.contentDOM.blur();
            return true;
          },
        },
      ]),
    ),
    lineNumbers(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    autocompletion({ icons: false }),
    EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", tabindex: "0" }),
    EditorView.lineWrapping,
    keymap.of([
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...lintKeymap,
      ...searchKeymap,
      ...historyKeymap,
      ...defaultKeymap,
    ]),
    replaceSelection,
    editorTheme,
  ];
}
