import type { Tooltip } from "@codemirror/view";

/** What a word means, as a note under it. */
export function hoverNote(word: { from: number; to: number }, title: string, text: string): Tooltip {
  return {
    pos: word.from,
    end: word.to,
    create: () => {
      const dom = document.createElement("div");
      dom.className = "cm-hover-doc";
      const name = document.createElement("b");
      name.textContent = title;
      const doc = document.createElement("p");
      doc.textContent = text;
      dom.append(name, doc);
      return { dom };
    },
  };
}
