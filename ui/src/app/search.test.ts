import { describe, expect, it } from "vitest";
import { parseSearch, querySearch, signInSearch, stringifySearch } from "./search";

describe("addresses", () => {
  it("stay readable and come back as they were", () => {
    const search = { f: "os:linux,port:>0", on: "tag:a b", n: "1" };
    const address = stringifySearch(search);
    expect(address).toBe("?f=os:linux,port:%3E0&on=tag:a+b&n=1");
    expect(parseSearch(address)).toEqual(search);
  });

  it("leave out what is not set", () => {
    expect(stringifySearch({ f: undefined, sort: "" })).toBe("");
  });

  it("drop a bad part instead of failing", () => {
    expect(querySearch.parse({ run: "r1", tab: "nonsense" })).toEqual({ run: "r1", tab: undefined });
  });

  it.each(["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "t/x"])(
    "refuse to return to %s",
    (target) => {
      expect(signInSearch.parse({ return_to: target }).return_to).toBeUndefined();
    },
  );

  it("return to a path of ours", () => {
    expect(signInSearch.parse({ return_to: "/t/northwind/agents?sort=-seen" }).return_to).toBe(
      "/t/northwind/agents?sort=-seen",
    );
  });
});
