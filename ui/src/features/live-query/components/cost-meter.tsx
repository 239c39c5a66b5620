import { cn } from "@/lib/cn";
import type { Table } from "@/lib/api/types";

const levels: Record<string, number> = { cheap: 1, moderate: 2, expensive: 3 };
const words = ["", "Cheap on each agent", "Some work on each agent", "Expensive on each agent"];
const bars = ["", "bg-ok", "bg-warn", "bg-high"];

/** The dearest table that a statement reads, before it is run: the catalogue's own rating, not a promise in milliseconds. */
export function CostMeter({ tables, read }: { tables: Table[]; read: string[] }) {
  const level = Math.max(
    0,
    ...read.map((name) => levels[tables.find((table) => table.name === name)?.cost ?? ""] ?? 0),
  );
  if (level === 0) return null;
  return (
    <span className="inline-flex items-center gap-2 text-xs whitespace-nowrap text-fg-muted max-md:hidden">
      <span aria-hidden className="inline-flex gap-0.5">
        {[1, 2, 3].map((bar) => (
          <i
            key={bar}
            className={cn("h-[11px] w-1 rounded-[1px] bg-border-strong", bar <= level && bars[level])}
          />
        ))}
      </span>
      {words[level]}
    </span>
  );
}
