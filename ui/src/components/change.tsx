import { cn } from "@/lib/cn";

/** How much a number went up or down, with arrow and colour; whether up is good depends on the number. */
export function Change({ by, good, unit = "" }: { by: number; good: "up" | "down"; unit?: string }) {
  const rounded = Math.round(by * 10) / 10;
  if (rounded === 0) return <span className="text-xs text-fg-subtle">unchanged</span>;
  const up = rounded > 0;
  return (
    <span className={cn("text-xs font-medium tnum", up === (good === "up") ? "text-ok-fg" : "text-bad-fg")}>
      <span aria-hidden>{up ? "↑" : "↓"}</span>
      <span className="sr-only">{up ? "up" : "down"}</span> {Math.abs(rounded)}
      {unit}
    </span>
  );
}
