import { describe, expect, it } from "vitest";
import type { Value } from "./column-store";
import { formatFilters, formatSort, parseFilters, parseSort, predicate } from "./filter";

describe("predicate", () => {
  it.each<[text: string, value: Value, passes: boolean]>([
    ["nginx", "/usr/sbin/NGINX", true],
    ["nginx", "apache", false],
    ["80", 8080, true],
    ["= 80", 80, true],
    ["= 80", "80", true],
    ["= 80", 8080, false],
    ["= tcp", "TCP", true],
    ["≠ 10.4.0.3", "10.4.0.3", false],
    ["!= 10.4.0.3", "10.4.0.4", true],
    ["> 1024", 1025, true],
    ["> 1024", "999", false],
    [">= 10", 10, true],
    ["<9", 10, false],
    ["≤ 9", 9, true],
    ["> b", "c", true],
    ["null", null, true],
    ["null", "", false],
    ["!= null", null, false],
    ["> 0", null, false],
    ["= ", "", true],
  ])("%s on %j is %s", (text, value, passes) => {
    expect(predicate(text)(value)).toBe(passes);
  });
});

describe("spans of time", () => {
  const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
  it.each<[text: string, value: Value, passes: boolean]>([
    ["last 24h", ago(23), true],
    ["last 24h", ago(25), false],
    ["before 24h", ago(25), true],
    ["before 7d", ago(6 * 24), false],
    ["last 30m", ago(0.4), true],
    ["last 24h", null, false],
    ["before 24h", "never", false],
    ["last week", "the last week", true],
  ])("%s on %j is %s", (text, value, passes) => {
    expect(predicate(text)(value)).toBe(passes);
  });
});

describe("filters in an address", () => {
  it.each([
    [[{ column: "port", text: "> 0" }]],
    [
      [
        { column: "path", text: "C:\\a,b" },
        { column: "a:b", text: "50%" },
      ],
    ],
  ])("come back as they were: %j", (filters) => {
    expect(parseFilters(formatFilters(filters))).toEqual(filters);
  });

  it("drops what is no filter", () => {
    expect(parseFilters("port,:x,name:,ok:1")).toEqual([{ column: "ok", text: "1" }]);
    expect(parseFilters("a:50%")).toEqual([{ column: "a", text: "50%" }]);
    expect(formatFilters([{ column: "a", text: " " }])).toBeUndefined();
  });
});

describe("sort in an address", () => {
  it("comes back as it was", () => {
    expect(parseSort("-port")).toEqual({ column: "port", descending: true });
    expect(formatSort(parseSort("name"))).toBe("name");
    expect(formatSort(parseSort("-name"))).toBe("-name");
    expect(parseSort(undefined)).toBeNull();
  });
});
