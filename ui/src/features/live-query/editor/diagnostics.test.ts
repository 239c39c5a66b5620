import { describe, expect, it } from "vitest";
import { diagnosticOf } from "./diagnostics";
import { locateError } from "./locate-error";

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

describe("locateError", () => {
  const sql = "SELECT prt\nFROM listening_ports l\nWHERE l.prt > 1";
  it.each([
    ["no such column: prt", { offset: 7, line: 1, column: 8 }],
    ["no such column: l.prt", { offset: 40, line: 3, column: 7 }],
    ["no such table: elsewhere", { offset: 0, line: 1, column: 1 }],
    ["incomplete input", { offset: 0, line: 1, column: 1 }],
    ["(", { offset: 0, line: 1, column: 1 }],
  ])("finds the place of %j", (message, place) => {
    expect(locateError({ message, offset: -1, line: 0, column: 0 }, sql)).toEqual({ message, ...place });
  });

  it("keeps the place that the parser gave", () => {
    const error = { message: "near FROM", offset: 11, line: 2, column: 1 };
    expect(locateError(error, sql)).toBe(error);
  });
});
