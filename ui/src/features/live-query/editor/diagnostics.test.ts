import { describe, expect, it } from "vitest";
import { diagnosticOf } from "./diagnostics";

describe("diagnosticOf", () => {
  const sql = "SELECT x\nFROM listening_prts WHERE 1  ";
  it.each([
    [14, "listening_prts"],
    [7, "x"],
    [9999, "1"],
    [-3, "SELECT"],
  ])("an error at %d underlines %j", (offset, word) => {
    const { from, to } = diagnosticOf({ message: "no", offset }, sql);
    expect(sql.slice(from, to)).toBe(word);
  });
});
