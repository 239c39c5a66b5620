import { describe, expect, it } from "vitest";
import { niceScale, spread } from "./scale";

describe("niceScale", () => {
  it.each([
    [44.2, 70.2, [40, 50, 60, 70, 80]],
    [0, 3, [0, 1, 2, 3]],
    [5, 5, [5, 6]],
    [0, 1000, [0, 500, 1000]],
  ])("%d to %d", (low, high, ticks) => {
    expect(niceScale(low, high).ticks).toEqual(ticks);
  });
});

describe("spread", () => {
  it("leaves apart what is apart", () => {
    expect(spread([10, 40], 14, 0, 100)).toEqual([10, 40]);
  });
  it("moves what collides, in its order and within the chart", () => {
    expect(spread([97, 96, 95], 14, 0, 100)).toEqual([100, 86, 72]);
    expect(spread([1, 0], 14, 0, 100)).toEqual([14, 0]);
  });
});
