import { expect, it } from "vitest";
import { everyDay } from "./every-day";

it("has a count for days that are not told", () => {
  expect(everyDay([{ day: "2026-11-22", fired: 2 }], "2026-11-21T18:00:00Z", "2026-11-23T09:00:00Z")).toEqual(
    [
      { day: "2026-11-21", fired: 0 },
      { day: "2026-11-22", fired: 2 },
      { day: "2026-11-23", fired: 0 },
    ],
  );
});

it("goes by UTC over the end of a month", () => {
  expect(
    everyDay([], "2026-10-31T23:30:00-02:00", "2026-11-02T00:30:00+02:00").map(({ day }) => day),
  ).toEqual(["2026-11-01"]);
});
