import { describe, expect, it } from "vitest";
import type { ConfigLayer } from "@/lib/api/types";
import { contentWith, tenantLayer, trialOf, triesOther } from "./pack-trial";

const layer = (change: Partial<ConfigLayer>): ConfigLayer => ({
  kind: "tenant",
  target: "t",
  tenant_id: "t",
  name: "Northwind",
  version: 3,
  content: { heartbeat_seconds: 30, pack_versions: { own: 4, other: 2 } },
  before: { heartbeat_seconds: 60, pack_versions: { other: 2 } },
  canary_percent: 10,
  state: "rolling",
  reason: "",
  budget: {},
  changed_at: "2026-11-24T12:00:00Z",
  changed_by: "mara",
  ...change,
});

describe("trialOf", () => {
  it("finds the version that is tried", () => {
    expect(trialOf(layer({}), "own")).toMatchObject({ number: 4, percent: 10, state: "rolling" });
  });
  it("is not what held before", () => {
    expect(trialOf(layer({}), "other")).toBeNull();
  });
  it("tells why one was taken back", () => {
    expect(trialOf(layer({ state: "stopped", reason: "queries fail" }), "own")?.reason).toBe("queries fail");
  });
  it("finds none without a layer", () => {
    expect(trialOf(tenantLayer([layer({ kind: "group" })]), "own")).toBeNull();
  });
});

describe("triesOther", () => {
  it.each([
    ["own", layer({}), false],
    ["another", layer({}), true],
    ["another", layer({ state: "stopped" }), false],
    ["another", undefined, false],
  ])("of %s", (pack, of, expected) => {
    expect(triesOther(of, pack)).toBe(expected);
  });
});

describe("contentWith", () => {
  it("keeps what the layer says besides", () => {
    expect(contentWith(layer({ state: "done", before: undefined }), "own", 5)).toEqual({
      heartbeat_seconds: 30,
      pack_versions: { own: 5, other: 2 },
    });
  });
  it("goes back to what held before where nothing is given to all", () => {
    expect(contentWith(layer({ state: "stopped" }), "own", null)).toEqual({
      heartbeat_seconds: 60,
      pack_versions: { other: 2 },
    });
  });
  it("begins with nothing", () => {
    expect(contentWith(undefined, "own", 2)).toEqual({ pack_versions: { own: 2 } });
  });
});
