/** Control and direction characters: they draw nothing, or draw what follows in another order than it is stored. */
const invisible =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** Row text as it is, with what would hide or reorder it written out: `⟨U+202E⟩gpj.exe` cannot pose as `exe.jpg`. */
export function visibleText(text: string): string {
  return text.replace(invisible, (sign) => {
    const code = sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    return `⟨U+${code}⟩`;
  });
}
