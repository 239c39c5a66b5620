import { describe, expect, it } from "vitest";
import type { RuleCheck } from "@/lib/api/types";
import { wordsAt, type Known } from "./rule-words";

const check: RuleCheck = {
  ok: false,
  columns: ["port", "name"],
  tables: ["ports"],
  schemas: { ports: ["address", "port", "name"] },
  fixtures: [],
};
const known: Known = {
  vocabulary: { functions: ["any", "len"], values: ["rows", "agent.tags"], columns: {} },
  check,
  channels: ["oncall"],
};

describe("wordsAt", () => {
  it.each([
    { name: "keys", field: "", key: true, braces: false, dotted: false, want: "rule", not: "rows" },
    {
      name: "severities",
      field: "severity",
      key: false,
      braces: false,
      dotted: false,
      want: "critical",
      not: "port",
    },
    { name: "functions", field: "when", key: false, braces: false, dotted: false, want: "any", not: "port" },
    {
      name: "columns after a dot",
      field: "when",
      key: false,
      braces: false,
      dotted: true,
      want: "port",
      not: "any",
    },
    {
      name: "an expression in braces",
      field: "message",
      key: false,
      braces: true,
      dotted: false,
      want: "rows",
      not: "port",
    },
    {
      name: "tables and columns in SQL",
      field: "sql",
      key: false,
      braces: false,
      dotted: false,
      want: "address",
      not: "any",
    },
    {
      name: "what one groups by",
      field: "group_by",
      key: false,
      braces: false,
      dotted: false,
      want: "agent.id",
      not: "any",
    },
    {
      name: "channels",
      field: "notify",
      key: false,
      braces: false,
      dotted: false,
      want: "oncall",
      not: "any",
    },
  ])("offers $name", ({ field, key, braces, dotted, want, not }) => {
    const labels = wordsAt({ field, key, braces }, dotted, known).map(({ label }) => label);
    expect(labels).toContain(want);
    expect(labels).not.toContain(not);
  });

  it("offers nothing in plain text", () => {
    expect(wordsAt({ field: "title", key: false, braces: false }, false, known)).toEqual([]);
    expect(wordsAt({ field: "message", key: false, braces: false }, false, known)).toEqual([]);
  });
});
