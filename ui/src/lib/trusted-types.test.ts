// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { rules } from "./trusted-types";

describe("the default trusted-types policy", () => {
  it("passes only the empty string as markup", () => {
    expect(rules.createHTML("")).toBe("");
    expect(() => rules.createHTML("<b>x</b>")).toThrow(TypeError);
    expect(() => rules.createHTML(" ")).toThrow(TypeError);
  });

  it.each([
    "https://evil.example/assets/x.js",
    "//evil.example/assets/x.js",
    "/uploads/x.js",
    "/assets/../x.js",
    "data:text/javascript,1",
    "blob:x",
  ])("refuses script from %s", (address) => {
    expect(() => rules.createScriptURL(address)).toThrow(TypeError);
  });

  it("passes our own built files", () => {
    expect(rules.createScriptURL("/assets/result-worker-C2w_gs-d.js")).toBe(
      `${window.location.origin}/assets/result-worker-C2w_gs-d.js`,
    );
  });
});
