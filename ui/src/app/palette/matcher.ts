export type Kind = "actions" | "agents" | "queries" | "checks" | "tables" | "tenants";

/** Signs that narrow to one kind when they stand first. */
export const signs: Record<string, Kind> = {
  ">": "actions",
  "@": "agents",
  "*": "queries",
  "!": "checks",
  "#": "tables",
  "/": "tenants",
};

/** What a typed text asks for: of which kinds, whether it names anything, and which items match it, the likeliest first. */
export function matcher(text: string) {
  const kind = signs[text.slice(0, 1)] as Kind | undefined;
  const words = (kind ? text.slice(1) : text).toLowerCase().split(/\s+/).filter(Boolean);
  return {
    shows: (of: Kind) => kind === undefined || kind === of,
    listed: words.length > 0 || kind !== undefined,
    rank: <Item>(items: Item[], names: (item: Item) => string[]): Item[] =>
      items
        .flatMap((item) => {
          const score = Math.max(...names(item).map((name) => scoreOf(name.toLowerCase(), words)));
          return score > 0 ? [{ item, score }] : [];
        })
        .sort((a, b) => b.score - a.score)
        .map(({ item }) => item),
  };
}

/** 3 for a name that starts with what was typed, 2 where a part of it does, 1 where each word stands somewhere, else 0. */
function scoreOf(name: string, words: string[]): number {
  if (!words.every((word) => name.includes(word))) return 0;
  if (words.length === 0) return 1;
  if (name.startsWith(words.join(" "))) return 3;
  const parts = name.split(/[^\p{L}\p{N}]+/u);
  return words.every((word) => parts.some((part) => part.startsWith(word))) ? 2 : 1;
}
