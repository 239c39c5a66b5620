import { cn } from "@/lib/cn";

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
const macNames: Record<string, string> = { Ctrl: "⌘", Alt: "⌥", Shift: "⇧" };

/** Keys as the person's platform writes them: `<Kbd keys={["Ctrl", "K"]} />`. */
export function Kbd({ keys, className }: { keys: string[]; className?: string }) {
  return (
    <span className="inline-flex gap-0.5 max-md:hidden">
      {keys.map((key) => (
        <kbd
          key={key}
          className={cn(
            "min-w-4 rounded-xs border border-border bg-sunken px-1 text-center font-sans text-[10.5px]/[15px] font-medium text-fg-subtle",
            className,
          )}
        >
          {isMac ? (macNames[key] ?? key) : key}
        </kbd>
      ))}
    </span>
  );
}
