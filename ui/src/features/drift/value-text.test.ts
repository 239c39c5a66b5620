import { describe, expect, it } from "vitest";
import { changedText, rowText } from "./value-text";

describe("rowText", () => {
  it("names the columns that say something", () => {
    expect(rowText(["name", "port", "path"], ["sshd", 22, null])).toBe("name = sshd, port = 22");
  });
  it("shows hidden characters and cuts what is long", () => {
    expect(rowText(["a"], ["\u202egpj"])).toBe("a = ⟨U+202E⟩gpj");
    expect(rowText(["a"], ["x".repeat(200)])).toHaveLength(90);
  });
});

describe("changedText", () => {
  it("tells the columns that differ", () => {
    expect(changedText(["name", "version"], ["vim", "1"], ["vim", "2"])).toBe("version: 1 → 2");
  });
});
