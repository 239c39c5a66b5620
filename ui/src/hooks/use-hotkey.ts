import { useEffect, useEffectEvent } from "react";
import { bindHotkey } from "@/lib/hotkeys";

/** Binds a key while the component is mounted and `enabled`. See bindHotkey for how keys are written. */
export function useHotkey(keys: string, handler: (event: KeyboardEvent) => void, enabled = true): void {
  const onKey = useEffectEvent(handler);
  useEffect(() => {
    if (!enabled) return;
    return bindHotkey(keys, (event) => {
      onKey(event);
    });
  }, [keys, enabled]);
}
