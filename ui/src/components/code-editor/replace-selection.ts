import { insertBracket } from "@codemirror/autocomplete";
import { EditorView } from "@codemirror/view";

/**
 * Typing over a selection, done by the editor and not by the browser: Chromium would keep the colour of the replaced text in a
 * style attribute, which the content security policy refuses and reports.
 */
export const replaceSelection = EditorView.domEventHandlers({
  beforeinput: (event, view) => {
    const { inputType, data } = event;
    if (inputType !== "insertText" || data === null || view.composing || view.state.selection.main.empty) {
      return false;
    }
    const bracket = insertBracket(view.state, data);
    if (bracket) view.dispatch(bracket);
    else
      view.dispatch({
        ...view.state.replaceSelection(data),
        userEvent: "input.type",
        scrollIntoView: true,
      });
    return true;
  },
});
