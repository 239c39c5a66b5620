import { visibleText } from "@/lib/visible-text";
import { num } from "@/lib/format";
import type { Bar } from "./chart-data";

/** Bars from zero, named at their start, with their number at the end. */
export function Bars({ bars, title }: { bars: Bar[]; title: string }) {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  return (
    <figure className="m-0 p-4">
      <figcaption className="mb-2 text-xs font-semibold text-fg-muted">{title}</figcaption>
      <ol className="flex max-w-240 flex-col gap-1">
        {bars.map(({ label, value, others }) => (
          <li
            key={`${label} ${others ?? ""}`}
            className="grid grid-cols-[minmax(90px,240px)_1fr_auto] items-center gap-2.5"
          >
            <bdi className="truncate text-right font-mono text-xs" title={label}>
              {others ? `${num(others)} others` : visibleText(label)}
            </bdi>
            <span aria-hidden className="h-4 rounded-[2px] bg-sunken">
              <i
                className={others ? "block h-full bg-chart-other" : "block h-full bg-chart-1"}
                style={{ width: `${Math.max(0, (value / most) * 100)}%` }}
              />
            </span>
            <span className="w-16 text-right text-xs tnum">{num(value)}</span>
          </li>
        ))}
      </ol>
    </figure>
  );
}
