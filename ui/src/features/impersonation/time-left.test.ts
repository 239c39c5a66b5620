import { describe, expect, it } from "vitest";
import { timeLeft } from "./time-left";

describe("timeLeft", () => {
  it.each([
    [30 * 60_000, "30 min left"],
    [30 * 60_000 - 1, "29 min left"],
    [60_000, "1 min left"],
    [59_999, "less than a minute left"],
    [-5_000, "less than a minute left"],
  ])("%d ms: %s", (rest, words) => {
    expect(timeLeft(1_000_000 + rest, 1_000_000)).toBe(words);
  });
});
