import { describe, expect, it } from "vitest";
import { visibleText } from "./visible-text";

describe("visibleText", () => {
  it.each([
    ["plain text, ünïcode 文", "plain text, ünïcode 文"],
    ["\u202egpj.exe", "⟨U+202E⟩gpj.exe"],
    ["a\u200bb", "a⟨U+200B⟩b"],
    ["bell\u0007", "bell⟨U+0007⟩"],
    ["tab\tand\nline", "tab\tand\nline"],
  ])("%j is shown as %j", (text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });
});
