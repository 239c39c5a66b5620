export type Theme = "light" | "dark" | "system";

/** The same name as in public/theme.js, which paints the first frame. */
const storageKey = "tenantra.theme";
const systemDark = window.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();
let theme = readTheme();

function readTheme(): Theme {
  try {
    const stored = localStorage.getItem(storageKey);
    if (stored === "light" || stored === "dark") return stored;
  } catch {
    // Storage can be switched off; the choice then lasts as long as the page.
  }
  return "system";
}

export function currentTheme(): Theme {
  return theme;
}

export function isDark(): boolean {
  return theme === "dark" || (theme === "system" && systemDark.matches);
}

export function setTheme(next: Theme): void {
  theme = next;
  try {
    if (next === "system") localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, next);
  } catch {
    // See readTheme.
  }
  apply();
}

export function subscribeTheme(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function apply(): void {
  document.documentElement.classList.toggle("dark", isDark());
  for (const listener of listeners) listener();
}

systemDark.addEventListener("change", apply);
