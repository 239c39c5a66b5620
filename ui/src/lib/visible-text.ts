/** Control and direction characters: they draw nothing, or draw what follows in another order than it is stored. */
const invisible = /(?![\t\n])[\p{Cc}\p{Cf}]/gu;

/** Row text as it is, with what would hide or reorder it written out: `⟨U+202E⟩gpj.exe` cannot pose as `exe.jpg`. */
export function visibleText(text: string): string {
  return text.replace(invisible, (sign) => {
    const code = (sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    return `⟨U+${code}⟩`;
  });
}
