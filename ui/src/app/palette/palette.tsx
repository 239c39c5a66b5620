import { useState } from "react";
import { Command, CommandEmpty, CommandInput, CommandList } from "@/components/ui/command";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";
import { signs } from "./matcher";
import { PaletteGroup } from "./palette-group";
import { usePaletteItems } from "./use-palette-items";

/** Pages, agents, saved queries, checks, tables, tenants and actions by name. A sign in front narrows to one kind. */
export function Palette({ onClose, onShowKeys }: { onClose: () => void; onShowKeys: () => void }) {
  const [text, setText] = useState("");
  const groups = usePaletteItems(text, onShowKeys);
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <DialogContent title="Search or run" headless className="w-[min(600px,calc(100vw-24px))]">
        <Command label="Search or run" shouldFilter={false} loop className="flex max-h-[60vh] flex-col">
          <CommandInput
            value={text}
            onValueChange={setText}
            placeholder="Page, agent, query, check, table or action"
            end={<Kbd keys={["Esc"]} />}
          />
          <CommandList label="Results">
            <CommandEmpty>Nothing of that name.</CommandEmpty>
            {groups.map(({ heading, items }) => (
              <PaletteGroup
                key={heading}
                heading={heading}
                items={items}
                onRun={(item) => {
                  onClose();
                  void item.run();
                }}
              />
            ))}
          </CommandList>
          <div className="flex flex-wrap gap-x-4 gap-y-1 border-t border-border px-3 py-2 text-2xs text-fg-subtle max-md:hidden">
            {Object.entries(signs).map(([sign, name]) => (
              <span key={sign} className="inline-flex items-center gap-1.5">
                <Kbd keys={[sign]} /> {name}
              </span>
            ))}
          </div>
        </Command>
      </DialogContent>
    </Dialog>
  );
}
