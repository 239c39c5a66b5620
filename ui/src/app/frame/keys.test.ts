import { expect, it } from "vitest";
import { keyGroups } from "./keys";

const sources = import.meta.glob<string>(["/src/**/*.tsx", "!/src/**/*.test.tsx"], {
  query: "?raw",
  import: "default",
  eager: true,
});
/** Keys in the code: bound by a hook, of an action on many rows, or of a tab. */
const bound = [/useHotkey\(\s*"([^"]+)"/g, /^\s*key: "([a-z])",$/gm, /\bhotkey="(.)"/g];
/** Lists of bounds are written with what stands between them. */
const between: Record<string, string[]> = { "1 … 4": ["1", "2", "3", "4"] };
const names: Record<string, string> = { esc: "escape" };

it("lists each key that is bound", () => {
  const listed = new Set(
    keyGroups.flatMap(({ keys }) =>
      keys.flatMap(({ keys: parts }) => {
        const lower = parts.map((part) => names[part.toLowerCase()] ?? part.toLowerCase());
        return between[parts.join(" ")] ?? [lower.join("+"), ...(lower[0] === "ctrl" ? [] : lower)];
      }),
    ),
  );
  const found = Object.entries(sources).flatMap(([file, text]) =>
    bound.flatMap((pattern) => [...text.matchAll(pattern)].map(([, key]) => ({ file, key }))),
  );
  expect(found.length).toBeGreaterThan(20);
  expect(found.filter(({ key }) => !listed.has(key))).toEqual([]);
});
