import type { LucideIcon } from "lucide-react";
import { CommandGroup, CommandItem } from "@/components/ui/command";
import { Kbd } from "@/components/ui/kbd";
import { cn } from "@/lib/cn";
import { visibleText } from "@/lib/visible-text";

export interface PaletteItem {
  id: string;
  icon: LucideIcon;
  label: string;
  /** What tells it from others of its name. */
  note?: string;
  mono?: boolean;
  keys?: string[];
  run: () => unknown;
}

/** Items of one kind under its name; nothing where none matches. */
export function PaletteGroup({
  heading,
  items,
  onRun,
}: {
  heading: string;
  items: PaletteItem[];
  onRun: (item: PaletteItem) => void;
}) {
  if (items.length === 0) return null;
  return (
    <CommandGroup heading={heading}>
      {items.map((item) => (
        <CommandItem
          key={item.id}
          value={`${heading} ${item.id}`}
          onSelect={() => {
            onRun(item);
          }}
        >
          <item.icon size={15} strokeWidth={1.75} aria-hidden />
          <span
            className={cn(
              "truncate",
              item.mono ? "font-mono text-xs" : "flex-1",
              item.note && "max-w-[65%] flex-none",
            )}
          >
            {visibleText(item.label)}
          </span>
          {item.note && (
            <span className="min-w-0 flex-1 truncate text-end text-xs text-fg-subtle">
              {visibleText(item.note)}
            </span>
          )}
          {item.keys && <Kbd keys={item.keys} />}
        </CommandItem>
      ))}
    </CommandGroup>
  );
}
