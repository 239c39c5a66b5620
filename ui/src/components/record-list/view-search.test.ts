import { describe, expect, it } from "vitest";
import { lookOf, searchOf } from "./view-search";

describe("a view's look", () => {
  it.each([
    [{}],
    [{ f: "os:linux,path:/usr/bin it", sort: "-seen" }],
    [{ cols: "hostname,status" }],
    [{ f: "title:a?b#c&d=e\\f" }],
  ])("of %j comes back as it was, and can be stored", (search) => {
    const look = lookOf(search);
    expect(look).not.toMatch(/[ ?#/\\]/);
    expect(searchOf(look)).toEqual({ f: undefined, sort: undefined, cols: undefined, ...search });
  });

  it("is the same text whichever way the address was written", () => {
    expect(lookOf({ sort: "a", f: "b:c" })).toBe(lookOf({ f: "b:c", sort: "a" }));
  });

  it("takes nothing else from a stored text", () => {
    expect(searchOf("sel=1&f=a:b&run=2")).toEqual({ f: "a:b", sort: undefined, cols: undefined });
  });
});
