import { Tooltip } from "@/components/ui/tooltip";
import { cn } from "@/lib/cn";
import { duration, num, plural } from "@/lib/format";
import type { Estimate, Table } from "@/lib/api/types";

const levels: Record<string, number> = { cheap: 1, moderate: 2, expensive: 3 };
const words = ["", "Cheap on each agent", "Some work on each agent", "Expensive on each agent"];
const bars = ["", "bg-ok", "bg-warn", "bg-high"];

const bases: Record<Estimate["basis"], string> = {
  history: "From runs of these tables here",
  modules: "From what collecting these tables costs here",
  classes: "From the tables' own rating: nothing was measured here yet",
};

/**
 * What a run would cost, before it is run: the dearest table that it reads, and what that was on the fleet's own agents. Every
 * figure is an estimate and says from what.
 */
export function CostMeter({
  tables,
  read,
  estimate,
}: {
  tables: Table[];
  read: string[];
  estimate: Estimate | undefined;
}) {
  const level = Math.max(
    0,
    ...read.map((name) => levels[tables.find((table) => table.name === name)?.cost ?? ""] ?? 0),
  );
  if (level === 0) return null;
  const warning = estimate?.warnings?.at(0);
  return (
    <Tooltip content={estimate ? explained(estimate) : "The dearest table that the statement reads."}>
      <button
        type="button"
        className="inline-flex items-center gap-2 rounded-xs text-xs whitespace-nowrap text-fg-muted max-md:hidden"
      >
        <span aria-hidden className="inline-flex gap-0.5">
          {[1, 2, 3].map((bar) => (
            <i
              key={bar}
              className={cn("h-[11px] w-1 rounded-[1px] bg-border-strong", bar <= level && bars[level])}
            />
          ))}
        </span>
        <span className={cn("tnum", warning && "text-warn-fg")}>
          {estimate
            ? `≈ ${duration(estimate.per_agent.cpu_ms_p50)} CPU an agent, ${duration(estimate.fleet.cpu_ms)} in total`
            : words[level]}
        </span>
      </button>
    </Tooltip>
  );
}

function explained(estimate: Estimate): string {
  const { per_agent: one, fleet } = estimate;
  return [
    `${bases[estimate.basis]}${estimate.samples > 0 ? `, ${plural(estimate.samples, "sample")}` : ""}.`,
    `An agent answers in ${duration(one.duration_ms_p50)}, the slowest in ${duration(one.duration_ms_p95)}; ≈ ${num(fleet.rows)} rows.`,
    ...(estimate.warnings ?? []),
  ].join(" ");
}
