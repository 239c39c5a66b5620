import { useState } from "react";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";
import { setSingleKeys, singleKeysOn } from "@/lib/hotkeys";
import { keyGroups } from "./keys";

export function KeysDialog({ onClose }: { onClose: () => void }) {
  const [on, setOn] = useState(singleKeysOn);
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <DialogContent title="Keyboard keys" className="w-[min(760px,calc(100vw-24px))]">
        <div className="gap-x-8 overflow-y-auto px-4 pb-4 sm:columns-2">
          {keyGroups.map(({ name, keys }) => (
            <section key={name} className="mb-4">
              <h3 className="pb-1 text-2xs font-medium text-fg-subtle">{name}</h3>
              <dl>
                {keys.map(({ keys, does }) => (
                  <div
                    key={does}
                    className="flex h-7 items-center justify-between gap-4 border-b border-border"
                  >
                    <dt>{does}</dt>
                    <dd>
                      <Kbd keys={keys} />
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
        <label className="flex items-center gap-2 border-t border-border px-4 py-3">
          <input
            type="checkbox"
            className="size-3.5 accent-primary"
            checked={on}
            onChange={(event) => {
              setOn(event.target.checked);
              setSingleKeys(event.target.checked);
            }}
          />
          Single keys (without Ctrl) are on
        </label>
      </DialogContent>
    </Dialog>
  );
}
