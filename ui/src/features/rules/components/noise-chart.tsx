import { useMemo } from "react";
import type { DryRun } from "@/lib/api/types";
import { num, plural } from "@/lib/format";
import { firingsByDay } from "../firings-by-day";

/** How noisy a rule would have been, a bar a day. */
export function NoiseChart({ result }: { result: DryRun }) {
  const days = useMemo(
    () => firingsByDay(result.firings ?? [], result.from, result.to),
    [result.firings, result.from, result.to],
  );
  const most = Math.max(1, ...days.map(({ count }) => count));
  const total = days.reduce((sum, { count }) => sum + count, 0);
  const mean = days.length > 0 ? total / days.length : 0;
  const says = `${plural(total, "firing")} in ${plural(days.length, "day")}, about ${num(Math.round(mean * 10) / 10)} a day, at most ${num(most)}`;
  return (
    <figure className="m-0 mt-2">
      <div role="img" aria-label={says} className="flex h-14 items-end gap-0.5 border-b border-border">
        {days.map(({ day, count }) => (
          <span key={day} title={`${day}: ${num(count)}`} className="flex h-full min-w-0 flex-1 items-end">
            <i
              className="w-full rounded-t-[2px] bg-chart-1"
              style={{ height: count === 0 ? 1 : `${Math.max(6, (count / most) * 100)}%` }}
            />
          </span>
        ))}
      </div>
      <figcaption className="mt-1 text-xs text-fg-muted tnum">
        About {num(Math.round(mean * 10) / 10)} a day, at most {num(most)}
      </figcaption>
    </figure>
  );
}
