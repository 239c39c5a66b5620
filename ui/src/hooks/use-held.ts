import { useCallback, useState } from "react";

/**
 * Of items that change while one reads: those that one knows, as they are now, and how many have come since. What goes is gone at
 * once; what comes waits until it is taken in.
 */
export function useHeld<Item>(
  items: Item[],
  idOf: (item: Item) => string,
  on: boolean,
): { items: Item[]; pending: number; takeIn: () => void } {
  const [known, setKnown] = useState<ReadonlySet<string>>(() => new Set(items.map(idOf)));
  const takeIn = useCallback(() => {
    setKnown((before) => new Set([...before, ...items.map(idOf)]));
  }, [items, idOf]);
  if (!on) return { items, pending: 0, takeIn };
  const shown = items.filter((item) => known.has(idOf(item)));
  // The same array while nothing waits: what is made of it need not be made anew.
  return {
    items: shown.length === items.length ? items : shown,
    pending: items.length - shown.length,
    takeIn,
  };
}
