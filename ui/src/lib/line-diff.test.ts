import { describe, expect, it } from "vitest";
import { lineDiff } from "./line-diff";

const shown = (before: string, after: string) => lineDiff(before, after).map(({ sign, text }) => sign + text);

describe("lineDiff", () => {
  it.each([
    ["a\nb\nc\n", "a\nb\nc\n", [" a", " b", " c"]],
    ["", "a\nb", ["+a", "+b"]],
    ["a\nb", "", ["-a", "-b"]],
    ["a\nb\nc", "a\nx\nc", [" a", "-b", "+x", " c"]],
    ["a\na\nb", "a\nb\nb", [" a", "-a", "+b", " b"]],
  ])("%j to %j", (before, after, lines) => {
    expect(shown(before, after)).toEqual(lines);
  });

  it("numbers the lines of both sides", () => {
    expect(lineDiff("a\nb\nc", "a\nc\nd").map(({ before, after }) => [before, after])).toEqual([
      [1, 1],
      [2, null],
      [3, 2],
      [null, 3],
    ]);
  });
});
