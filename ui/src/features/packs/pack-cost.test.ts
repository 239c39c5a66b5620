import { describe, expect, it } from "vitest";
import type { CollectionCost } from "@/lib/api/types";
import { costText, packCost } from "./pack-cost";

const cost = (collection: string, change: Partial<CollectionCost> = {}): CollectionCost => ({
  collection,
  agents: 4,
  failing: 0,
  rows: 12,
  cpu_ms_p50: 10,
  cpu_ms_p95: 10,
  duration_ms_p50: 12,
  duration_ms_p95: 12,
  last_batch_at: "2026-11-24T12:00:00Z",
  ...change,
});
const costs = new Map(
  [
    cost("pack:a/one"),
    cost("pack:a/two", { agents: 5, failing: 2, cpu_ms_p50: 30 }),
    cost("pack:ab/one"),
  ].map((each) => [each.collection, each]),
);

describe("packCost", () => {
  it("adds up the pack's own queries", () => {
    expect(packCost(costs, "a")).toEqual({ agents: 5, failing: 1, cpu: 40 });
  });
  it("knows nothing of a pack that nobody told", () => {
    expect(packCost(costs, "b")).toBeNull();
  });
});

describe("costText", () => {
  it("counts runs a day", () => {
    expect(costText(cost("c"), 3600)).toBe("on 4 agents, 12 rows, 10 ms CPU a run, ≈ 240 ms a day on each");
  });
  it("tells the bad end where it differs", () => {
    expect(costText(cost("c", { agents: 1, rows: 1, cpu_ms_p95: 2400 }), 600)).toBe(
      "on 1 agent, 1 row, 10 ms CPU a run (one in twenty: 2.4 s), ≈ 1.4 s a day on each",
    );
  });
});
