import { useMemo } from "react";
import type { DryRun } from "@/lib/api/types";
import { num, plural } from "@/lib/format";
import { everyDay } from "../every-day";

/** How noisy a rule would have been, a bar a day. */
export function NoiseChart({ result }: { result: DryRun }) {
  const days = useMemo(
    () => everyDay(result.days ?? [], result.from, result.to),
    [result.days, result.from, result.to],
  );
  const most = Math.max(1, ...days.map(({ fired }) => fired));
  const mean = num(Math.round((result.fired / days.length) * 10) / 10);
  const says = `${plural(result.fired, "firing")} in ${plural(days.length, "day")}, about ${mean} a day, at most ${num(most)}`;
  return (
    <figure className="m-0 mt-3">
      <div role="img" aria-label={says} className="flex h-20 items-end gap-0.5 border-b border-border">
        {days.map(({ day, fired }) => (
          <span key={day} title={`${day}: ${num(fired)}`} className="flex h-full min-w-0 flex-1 items-end">
            <i
              className={fired === 0 ? "w-full bg-border" : "w-full rounded-t-[2px] bg-chart-1"}
              style={{ height: fired === 0 ? 1 : `${Math.max(6, (fired / most) * 100)}%` }}
            />
          </span>
        ))}
      </div>
      <div className="mt-1 flex text-2xs text-fg-subtle tnum" aria-hidden>
        <span className="flex-1">{days[0].day}</span>
        <span>{days.at(-1)?.day}</span>
      </div>
      <figcaption className="mt-1 text-xs text-fg-muted tnum">
        About {mean} a day, at most {num(most)}
      </figcaption>
    </figure>
  );
}
