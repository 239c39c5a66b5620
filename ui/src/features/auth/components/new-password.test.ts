import { describe, expect, it } from "vitest";
import { newPasswordProblems } from "./new-password";

describe("newPasswordProblems", () => {
  it.each([
    ["four words in a row", "four words in a row", {}],
    ["short", "short", { password: "Use at least 12 characters." }],
    ["four words in a row", "four words in a raw", { repeated: "The two do not match." }],
    ["", "x", { password: "Use at least 12 characters.", repeated: "The two do not match." }],
  ])("%j and %j", (password, repeated, problems) => {
    expect(newPasswordProblems(password, repeated)).toEqual(problems);
  });
});
