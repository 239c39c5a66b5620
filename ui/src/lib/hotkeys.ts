type Handler = (event: KeyboardEvent) => void;

interface Binding {
  keys: string;
  handler: Handler;
}

/** Milliseconds in which the second key of `g a` has to follow. */
const sequenceTimeout = 900;
const storageKey = "tenantra.single-keys";
const bindings: Binding[] = [];
let pending = "";
let pendingTimer: ReturnType<typeof setTimeout> | undefined;

/** Binds a key (`/`), a sequence (`g a`) or a chord (`ctrl+k`). The newest binding of a key wins; the answer unbinds. */
export function bindHotkey(keys: string, handler: Handler): () => void {
  const binding = { keys, handler };
  bindings.push(binding);
  return () => {
    bindings.splice(bindings.indexOf(binding), 1);
  };
}

/** Single keys can be switched off (WCAG 2.1.4); chords stay. */
export function singleKeysOn(): boolean {
  try {
    return localStorage.getItem(storageKey) !== "off";
  } catch {
    return true;
  }
}

export function setSingleKeys(on: boolean): void {
  try {
    if (on) localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, "off");
  } catch {
    // Storage can be switched off; the keys then stay as they are.
  }
}

/** Whether a key typed here belongs to what has focus: a field, an editor, a menu or a dialog. */
export function ownsKeys(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest("input, textarea, select, [contenteditable='true'], [role='dialog'], [role='menu']") !==
      null
  );
}

function nameOf(event: KeyboardEvent): string {
  const key = event.key === " " ? "space" : event.key.toLowerCase();
  return event.ctrlKey || event.metaKey ? `ctrl+${key}` : event.altKey ? `alt+${key}` : key;
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const name = nameOf(event);
  const chord = name.includes("+") && name.length > 1;
  if (!chord && (ownsKeys(event.target) || !singleKeysOn())) return;
  const sequence = pending && !chord ? `${pending} ${name}` : name;
  pending = "";
  clearTimeout(pendingTimer);
  const binding = bindings.findLast(({ keys }) => keys === sequence);
  if (binding) {
    event.preventDefault();
    binding.handler(event);
  } else if (bindings.some(({ keys }) => keys.startsWith(`${name} `))) {
    pending = name;
    pendingTimer = setTimeout(() => {
      pending = "";
    }, sequenceTimeout);
  }
}

window.addEventListener("keydown", onKeyDown);
