import { expect, it } from "vitest";
import { firingsByDay } from "./firings-by-day";

it("counts by day, with the days on which nothing fired", () => {
  expect(
    firingsByDay(
      [{ at: "2026-11-22T00:10:00Z" }, { at: "2026-11-22T23:59:00Z" }, { at: "2026-11-24T01:00:00Z" }],
      "2026-11-21T18:00:00Z",
      "2026-11-24T09:00:00Z",
    ),
  ).toEqual([
    { day: "2026-11-21", count: 0 },
    { day: "2026-11-22", count: 2 },
    { day: "2026-11-23", count: 0 },
    { day: "2026-11-24", count: 1 },
  ]);
});

it("leaves out what lies outside of the days", () => {
  const days = firingsByDay([{ at: "2026-11-01T00:00:00Z" }], "2026-11-21T18:00:00Z", "2026-11-21T19:00:00Z");
  expect(days).toEqual([{ day: "2026-11-21", count: 0 }]);
});
