import { describe, expect, it } from "vitest";
import { dayCounts } from "./day-counts";

describe("dayCounts", () => {
  it("has every day, also those without a change, across a month's end", () => {
    const now = new Date(2026, 2, 2, 12);
    const at = (month: number, day: number) => new Date(2026, month, day, 9).toISOString();
    expect(dayCounts([at(1, 28), at(1, 28), at(2, 2), at(0, 1)], 4, now)).toEqual([
      { day: "2026-02-27", count: 0 },
      { day: "2026-02-28", count: 2 },
      { day: "2026-03-01", count: 0 },
      { day: "2026-03-02", count: 1 },
    ]);
  });
});
