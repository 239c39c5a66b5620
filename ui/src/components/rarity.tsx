import { cn } from "@/lib/cn";
import { num } from "@/lib/format";

/** A row on this share of the agents or fewer stands out. */
const rareShare = 0.05;
/** Of fewer agents than this nothing is rare. */
const rareFrom = 10;

/** On how many of the agents something is: the odd one is what one looks for. */
export function Rarity({ count, agents }: { count: number; agents: number }) {
  const share = agents > 0 ? Math.min(1, count / agents) : 0;
  const rare = agents >= rareFrom && share <= rareShare;
  return (
    <span className="inline-flex items-center gap-[7px]">
      <span
        aria-hidden
        className="relative h-[5px] w-11 overflow-hidden rounded-[3px] bg-sunken dark:bg-hover"
      >
        <span
          className={cn("absolute inset-y-0 left-0 min-w-0.5", rare ? "bg-high" : "bg-info")}
          style={{ width: `${share * 100}%` }}
        />
      </span>
      <span className={cn("tnum", rare && "font-semibold text-high-fg")}>{num(count)}</span>
    </span>
  );
}
