import type { RecordSearch } from "./record-list";

type Look = Pick<RecordSearch, "f" | "sort" | "cols">;

/** What of a list's address a view keeps, always in the same order, so that equal looks are equal texts. */
export function lookOf({ f, sort, cols }: Look): string {
  const parts = Object.entries({ f, sort, cols }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as [string, string]],
  );
  // Spaces and slashes are written out: the server takes an address's query and nothing that leads elsewhere.
  return new URLSearchParams(parts).toString();
}

/** The parts of the address that a view sets; what it does not speak of is cleared. */
export function searchOf(look: string): Look {
  const parts = new URLSearchParams(look);
  const part = (name: string) => parts.get(name) ?? undefined;
  return { f: part("f"), sort: part("sort"), cols: part("cols") };
}
