import { describe, expect, it } from "vitest";
import { untilNext, type Inventory } from "./inventory";

const now = Date.parse("2026-11-24T12:00:00Z");
const inventory = (change: Partial<Inventory>): Inventory => ({
  items: [{ id: "a", source: "Debian package", values: { name: "bash" }, agents: 1 }],
  complete: true,
  agents: 1,
  oldest: "2026-11-24T11:00:00Z",
  newest: "2026-11-24T11:00:00Z",
  took: 40,
  ...change,
});

describe("untilNext", () => {
  it.each([
    ["nothing was told", { items: [], newest: null }, 5_000],
    ["an agent is telling", { newest: "2026-11-24T11:59:30Z" }, 5_000],
    ["all is told", {}, 60_000],
    ["a large fleet is telling", { newest: "2026-11-24T11:59:30Z", took: 2_000 }, 40_000],
    ["a larger one has told", { took: 4_000 }, 80_000],
  ])("waits where %s", (_, change, wait) => {
    expect(untilNext(inventory(change), now)).toBe(wait);
  });
});
