/** How much room a row takes. Live query's rows start compact, all others standard. */
export type Density = "compact" | "standard" | "roomy";

/** Pixels of a row. */
export const rowHeights: Record<Density, number> = { compact: 28, standard: 32, roomy: 40 };

const storageKey = "tenantra.density";
const listeners = new Set<() => void>();
let chosen = read();

function read(): Density | null {
  try {
    const stored = localStorage.getItem(storageKey);
    if (stored === "compact" || stored === "standard" || stored === "roomy") return stored;
  } catch {
    // Storage can be switched off; the choice then lasts as long as the page.
  }
  return null;
}

/** What the person chose; null when they never did. */
export function chosenDensity(): Density | null {
  return chosen;
}

export function chooseDensity(next: Density): void {
  chosen = next;
  try {
    localStorage.setItem(storageKey, next);
  } catch {
    // See read.
  }
  for (const listener of listeners) listener();
}

export function subscribeDensity(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
