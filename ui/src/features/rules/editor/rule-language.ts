import { StreamLanguage } from "@codemirror/language";

interface State {
  /** The indentation of the key whose block of text goes on below it, as in `sql: |`. */
  block: number | null;
}

/** YAML as rules use it: keys, texts, numbers, comments, blocks. It only colours; the server reads. */
export const ruleLanguage = StreamLanguage.define<State>({
  name: "rule",
  startState: () => ({ block: null }),
  token: (stream, state) => {
    if (stream.sol()) {
      const indent = stream.indentation();
      if (state.block !== null && stream.string.trim() !== "" && indent <= state.block) state.block = null;
      if (stream.eatSpace()) return null;
    }
    if (state.block !== null) {
      stream.skipToEnd();
      return null;
    }
    if (stream.match(/^#.*/)) return "comment";
    const key = stream.match(/^-?\s*[\w.-]+(?=\s*:(?:\s|$))/);
    if (key) {
      if (/:\s*[|>][-+]?\s*$/.test(stream.string)) state.block = stream.indentation();
      return "keyword";
    }
    if (stream.match(/^"(?:[^"\\]|\\.)*"|^'(?:[^']|'')*'/)) return "string";
    if (stream.match(/^-?\d+(?:\.\d+)?(?![\w.])/)) return "number";
    if (stream.match(/^(?:true|false|null)\b/)) return "bool";
    if (!stream.match(/^[\w./:-]*\w/)) stream.next();
    return null;
  },
  languageData: { commentTokens: { line: "#" } },
});
