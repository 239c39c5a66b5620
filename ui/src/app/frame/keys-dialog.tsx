import { useState } from "react";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";
import { setSingleKeys, singleKeysOn } from "@/lib/hotkeys";
import { pages } from "../pages";

const groups: { name: string; keys: { keys: string[]; does: string }[] }[] = [
  {
    name: "Everywhere",
    keys: [
      { keys: ["Ctrl", "K"], does: "Search or run anything" },
      ...pages.map(({ key, label }) => ({
        keys: ["G", key.toUpperCase()],
        does: `Go to ${label.toLowerCase()}`,
      })),
      { keys: ["T"], does: "Switch tenant" },
      { keys: ["["], does: "Fold the sidebar" },
      { keys: ["?"], does: "These keys" },
      { keys: ["Esc"], does: "Close what is on top" },
    ],
  },
  {
    name: "Tables",
    keys: [
      { keys: ["/"], does: "Filter" },
      { keys: ["J", "K"], does: "Next and previous row" },
      { keys: ["Enter"], does: "Open the row" },
      { keys: ["Space"], does: "Peek at the row" },
      { keys: ["Ctrl", "C"], does: "Copy the cell" },
      { keys: ["Home", "End"], does: "First and last column" },
    ],
  },
  {
    name: "Live query",
    keys: [
      { keys: ["Ctrl", "Enter"], does: "Run" },
      { keys: ["Esc"], does: "Leave the editor, then stop the run" },
      { keys: ["F6"], does: "Next pane" },
      { keys: ["F8"], does: "Next problem" },
      { keys: ["Ctrl", "Space"], does: "Complete" },
      { keys: ["."], does: "Take in new rows" },
    ],
  },
  { name: "Findings", keys: [{ keys: ["A"], does: "Acknowledge" }] },
];

export function KeysDialog({ onClose }: { onClose: () => void }) {
  const [on, setOn] = useState(singleKeysOn);
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <DialogContent title="Keyboard keys" className="w-[min(680px,calc(100vw-24px))]">
        <div className="grid gap-x-8 gap-y-4 overflow-y-auto px-4 pb-4 sm:grid-cols-2">
          {groups.map(({ name, keys }) => (
            <section key={name}>
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
