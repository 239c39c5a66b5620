import { describe, expect, it } from "vitest";
import type { Value } from "./column-store";
import { csvCell, csvLine, toCsv } from "./csv";

describe("csvCell", () => {
  it.each<[value: Value, cell: string]>([
    ["plain", '"plain"'],
    ['say "hi"', '"say ""hi"""'],
    ["a,b\nc", '"a,b\nc"'],
    [null, '""'],
    [-5, '"-5"'],
    ["-5", '"\'-5"'],
    ["=1+1", '"\'=1+1"'],
    ["+1", '"\'+1"'],
    ["@SUM(A1)", '"\'@SUM(A1)"'],
    ["＝1", '"\'＝1"'],
    ["＋1", '"\'＋1"'],
    ["－1", '"\'－1"'],
    ["＠x", '"\'＠x"'],
    ["\t=1", '"\'\t=1"'],
    ["\r=1", '"\'\r=1"'],
    ["\n=1", '"\'\n=1"'],
    [" =1", '" =1"'],
  ])("%j is %s", (value, cell) => {
    expect(csvCell(value)).toBe(cell);
  });
});

describe("toCsv", () => {
  it("writes the columns and rows that are shown, in their order", async () => {
    const cells: Value[][] = [
      ["a", 1],
      ["b", null],
      ["=c", 3],
    ];
    const text = await toCsv(["name", "count"], [2, 0], (column, row) => cells[row][column]).text();
    expect(text.replace("\ufeff", "")).toBe(
      csvLine(["name", "count"]) + csvLine(["=c", 3]) + csvLine(["a", 1]),
    );
  });
});
