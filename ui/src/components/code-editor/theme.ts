import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const highlight = HighlightStyle.define([
  {
    tag: [tags.keyword, tags.operatorKeyword, tags.bool, tags.null],
    color: "var(--syn-kw)",
    fontWeight: "600",
  },
  { tag: tags.string, color: "var(--syn-str)" },
  { tag: tags.number, color: "var(--syn-num)" },
  { tag: [tags.lineComment, tags.blockComment], color: "var(--syn-com)", fontStyle: "italic" },
  { tag: [tags.function(tags.variableName), tags.standard(tags.name)], color: "var(--syn-fn)" },
]);

const look = EditorView.theme({
  "&": { height: "100%", backgroundColor: "var(--editor)", color: "var(--fg)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": {
    fontFamily: "var(--font-mono)",
    fontSize: "13px",
    lineHeight: "21px",
    fontFeatureSettings: '"liga" 0, "calt" 0, "zero"',
  },
  ".cm-content": { padding: "8px 0", caretColor: "var(--fg)" },
  ".cm-line": { padding: "0 12px 0 4px" },
  ".cm-cursor": { borderLeftColor: "var(--fg)", borderLeftWidth: "1.5px" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--fg-subtle)", border: "none" },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "38px", paddingRight: "10px", fontSize: "12px" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--selected) 55%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--fg)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--primary) 24%, transparent)",
  },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": {
    backgroundColor: "var(--primary-soft)",
    boxShadow: "inset 0 0 0 1px var(--primary-line)",
  },
  ".cm-placeholder": { color: "var(--fg-subtle)" },
  ".cm-table-name": { color: "var(--syn-table)" },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--bad) 1px",
    textUnderlineOffset: "4px",
  },
  ".cm-tooltip": {
    backgroundColor: "var(--raised)",
    color: "var(--fg)",
    border: "none",
    borderRadius: "8px",
    boxShadow: "var(--shadow-md)",
    overflow: "hidden",
  },
  ".cm-tooltip-autocomplete > ul": {
    fontFamily: "var(--font-mono)",
    fontSize: "12px",
    maxHeight: "240px",
    padding: "4px",
  },
  ".cm-tooltip-autocomplete > ul > li": { padding: "3px 8px", lineHeight: "18px", borderRadius: "4px" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--hover)",
    color: "var(--fg)",
  },
  ".cm-completionDetail": { color: "var(--fg-subtle)", fontStyle: "normal", marginLeft: "12px" },
  ".cm-completionMatchedText": { textDecoration: "none", color: "var(--primary-text)", fontWeight: "600" },
  ".cm-completionIcon": { display: "none" },
  ".cm-completionInfo, .cm-hover-doc": {
    maxWidth: "340px",
    padding: "8px 10px",
    font: "400 12px/17px var(--font-sans)",
  },
  ".cm-hover-doc b": { fontFamily: "var(--font-mono)", fontWeight: "600" },
  ".cm-hover-doc p": { marginTop: "3px", color: "var(--fg-muted)" },
  ".cm-diagnostic": {
    font: "400 12px/17px var(--font-sans)",
    padding: "8px 10px",
    borderLeft: "3px solid var(--bad)",
  },
  ".cm-panels": { backgroundColor: "var(--bg)", color: "var(--fg)", borderColor: "var(--border)" },
});

/** The editor in the tokens' colours: they change with the theme without a rebuild. */
export const editorTheme: Extension = [look, syntaxHighlighting(highlight)];
