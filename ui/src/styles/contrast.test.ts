import fs from "node:fs";
import { describe, expect, it } from "vitest";

// The tokens' own file is read, so that a changed colour is judged before anyone sees it (WCAG 2.2 AA).
const css = fs.readFileSync(new URL("./tokens.css", import.meta.url), "utf8");

function tokensOf(selector: string): Record<string, string> {
  const start = css.search(new RegExp(`^\\${selector}\\s*\\{`, "m"));
  const block = css.slice(start, css.indexOf("}", start));
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map(([, name, value]) => [name, value]),
  );
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ratio(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const surfaces = ["bg", "surface", "sunken", "hover", "selected", "raised"];
const statuses = ["critical", "high", "medium", "low", "info", "ok", "warn", "bad", "off", "wait"];
const syntax = ["kw", "fn", "str", "num", "table", "com"].map((name) => `syn-${name}`);
const pairs: [text: string, on: string, least: number][] = [
  ...surfaces.flatMap((on): [string, string, number][] => [
    ["fg", on, 7],
    ["fg-muted", on, 4.5],
    ["fg-subtle", on, 4.5],
  ]),
  ...["fg", "fg-muted", "fg-subtle", "primary-text"].map((text): [string, string, number] => [
    text,
    "sidebar",
    4.5,
  ]),
  ...["bg", "surface", "sunken", "selected", "primary-soft"].map((on): [string, string, number] => [
    "primary-text",
    on,
    4.5,
  ]),
  ["on-primary", "primary", 4.5],
  ["on-primary", "primary-hover", 4.5],
  ["on-danger", "danger", 4.5],
  ["on-danger", "danger-hover", 4.5],
  ["on-critical", "critical-solid", 4.5],
  ["ring", "bg", 3],
  ["ring", "surface", 3],
  ["border-control", "surface", 3],
  ["border-control", "bg", 3],
  ...statuses.flatMap((name): [string, string, number][] => [
    [`${name}-fg`, "surface", 4.5],
    [`${name}-fg`, `${name}-bg`, 4.5],
    [`${name}-fg`, "hover", 4.5],
    [name, "surface", 3],
  ]),
  ["fg", "mark", 7],
  ["fg", "add-bg", 7],
  ["fg", "del-bg", 7],
  ...syntax.map((name): [string, string, number] => [name, "editor", 4.5]),
  ...[1, 2, 3, 4, 5].map((number): [string, string, number] => [`chart-${number}`, "surface", 3]),
  ["chart-other", "surface", 3],
];

const light = tokensOf(":root");
const themes = { light, dark: { ...light, ...tokensOf(".dark") } };

describe.each(Object.entries(themes))("%s theme", (_, tokens) => {
  it.each(pairs)("%s on %s is at least %d", (text, on, least) => {
    expect(ratio(tokens[text], tokens[on])).toBeGreaterThanOrEqual(least);
  });
});
