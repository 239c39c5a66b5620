export interface Toast {
  id: number;
  tone: "ok" | "bad";
  text: string;
}

let shown: Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function change(next: Toast[]): void {
  shown = next;
  for (const listener of listeners) listener();
}

/** Announces what happened, in a sentence. */
export function notify(text: string, tone: Toast["tone"] = "ok"): void {
  change([...shown.slice(-2), { id: nextId++, tone, text }]);
}

export function dismissToast(id: number): void {
  change(shown.filter((toast) => toast.id !== id));
}

export function toasts(): Toast[] {
  return shown;
}

export function subscribeToasts(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
