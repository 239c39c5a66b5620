import { describe, expect, it } from "vitest";
import type { Control } from "@/lib/api/types";
import { standingOf } from "./coverage-map";

const control = (score: Partial<Control["score"]>, checks = ["a"]): Control => ({
  control: "1.1",
  title: "",
  group: "",
  baselines: [],
  modules: [],
  weight: 1,
  checks: checks.map((check) => ({ check, derived: false })),
  score: {
    percent: 0,
    strict: 0,
    judged: true,
    passed: 0,
    failed: 0,
    waived: 0,
    not_applicable: 0,
    errors: 0,
    ...score,
  },
});

describe("standingOf", () => {
  it.each([
    [control({ passed: 3, failed: 1, waived: 1, errors: 1 }), "fails"],
    [control({ passed: 3, errors: 1, waived: 2 }), "error"],
    [control({ passed: 3, waived: 1 }), "waived"],
    [control({ passed: 3 }), "passes"],
    [control({ not_applicable: 2 }), "silent"],
    [control({}, []), "none"],
  ])("the worst counts", (each, standing) => {
    expect(standingOf(each)).toBe(standing);
  });
});
