import { describe, expect, it } from "vitest";
import type { Standing } from "@/lib/api/types";
import { figure, pressing, share, type Meter } from "./meters";

const meter = (used: number, limit: number | null, state: Meter["state"]): Meter => ({
  meter: "agents",
  period: "now",
  used,
  limit,
  state,
  at_limit: "refused",
});
const standing = (tenant: string, meters: Meter[]): Standing => ({
  tenant,
  tenant_id: tenant,
  tenant_name: tenant,
  plan: "basic",
  day: "2026-11-24",
  meters,
});

describe("pressing", () => {
  it("has what is near its limit, the nearest first", () => {
    const found = pressing([
      standing("a", [meter(210, 250, "near"), meter(1, 100, "fine")]),
      standing("b", [meter(26, 25, "reached")]),
      standing("c", [meter(9_000, null, "fine")]),
    ]);
    expect(found.map(({ standing }) => standing.tenant)).toEqual(["b", "a"]);
  });
});

it("has no share of a limit that is not there, and the whole of one of nothing", () => {
  expect([share(meter(5, null, "fine")), share(meter(0, 0, "reached")), share(meter(5, 10, "fine"))]).toEqual(
    [0, 1, 0.5],
  );
});

it("prints sizes in units", () => {
  expect([figure("bytes", 1_073_741_824), figure("rows", 1_073)]).toEqual(["1.1 GB", "1,073"]);
});
