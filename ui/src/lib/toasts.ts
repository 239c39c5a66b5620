export interface Toast {
  id: number;
  tone: "ok" | "bad";
  text: string;
  /** What one may still do about it: "Undo". */
  action?: { label: string; run: () => void };
}

let shown: Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function change(next: Toast[]): void {
  shown = next;
  for (const listener of listeners) listener();
}

/** Announces what happened, in a sentence. */
export function notify(text: string, tone: Toast["tone"] = "ok", action?: Toast["action"]): void {
  change([...shown.slice(-2), { id: nextId++, tone, text, action }]);
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
