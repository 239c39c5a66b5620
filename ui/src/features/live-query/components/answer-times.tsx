import { useMemo } from "react";
import { duration } from "@/lib/format";
import type { AgentAnswer } from "../results/events";

const bars = 14;

/** How long the agents took. Hidden until enough have answered for it to say something. */
export function AnswerTimes({ answers }: { answers: AgentAnswer[] }) {
  const times = useMemo(
    () =>
      answers
        .filter(
          ({ outcome, duration_ms }) => outcome !== "running" && outcome !== "offline" && duration_ms > 0,
        )
        .map(({ duration_ms }) => duration_ms)
        .sort((a, b) => a - b),
    [answers],
  );
  if (times.length < 5) return null;
  const percentile = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  const [p50, p95, longest] = [percentile(0.5), percentile(0.95), times[times.length - 1]];
  const counts = new Array<number>(bars).fill(0);
  for (const time of times) counts[Math.min(bars - 1, Math.floor((time / longest) * bars))]++;
  const most = Math.max(...counts);
  return (
    <section className="mt-2 border-t border-border px-3.5 pt-3 pb-3">
      <h3 className="flex items-baseline text-xs">
        <span className="flex-1 font-semibold">Time to answer</span>
        <span className="text-fg-muted tnum">
          p50 {duration(p50)} · p95 {duration(p95)}
        </span>
      </h3>
      <svg
        role="img"
        aria-label={`Half of the agents answered within ${duration(p50)}, 95 % within ${duration(p95)}, the slowest in ${duration(longest)}.`}
        viewBox={`0 0 ${bars * 16} 34`}
        preserveAspectRatio="none"
        className="mt-2 h-8.5 w-full"
      >
        {counts.map((count, index) => {
          const height = count === 0 ? 1 : Math.max(2, (count / most) * 34);
          return (
            <rect
              key={index}
              x={index * 16}
              y={34 - height}
              width={14}
              height={height}
              rx={1.5}
              className={count === 0 ? "fill-border" : "fill-wait"}
            />
          );
        })}
      </svg>
    </section>
  );
}
