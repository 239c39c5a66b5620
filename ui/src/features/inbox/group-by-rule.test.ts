import { describe, expect, it } from "vitest";
import { groupByRule } from "./group-by-rule";

describe("groupByRule", () => {
  it("keeps the youngest rule first and counts what was not read", () => {
    const groups = groupByRule([
      { rule: "b", read: false, id: 1 },
      { rule: "a", read: true, id: 2 },
      { rule: "b", read: true, id: 3 },
    ]);
    expect(groups.map(({ rule, unread, items }) => [rule, unread, items.map(({ id }) => id)])).toEqual([
      ["b", 1, [1, 3]],
      ["a", 0, [2]],
    ]);
  });
});
