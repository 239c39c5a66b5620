import { describe, expect, it } from "vitest";
import { riskWord } from "./risk";

describe("riskWord", () => {
  it.each([
    [0, "Low"],
    [24.9, "Low"],
    [25, "Moderate"],
    [50, "High"],
    [75, "Critical"],
    [100, "Critical"],
  ])("%d is %s", (score, word) => {
    expect(riskWord(score)).toBe(word);
  });
});
