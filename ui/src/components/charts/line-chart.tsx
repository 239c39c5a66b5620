import { useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { useWidth } from "@/hooks/use-width";
import { num } from "@/lib/format";
import { niceScale, spread } from "./scale";

export interface Line {
  name: string;
  points: { at: number; value: number }[];
}

interface LineChartProps {
  /** At most five are told apart; further ones are grey. */
  lines: Line[];
  /** What the chart says, for those who hear it. */
  finding: string;
  height?: number;
  unit?: string;
}

const colours = ["var(--chart-1)", "var(--chart-2)", "var(--chart-3)", "var(--chart-4)", "var(--chart-5)"];
const colourOf = (index: number) => colours[index] ?? "var(--chart-other)";
const left = 44;
const right = 176;
const top = 8;
const bottom = 22;
const dayAndMonth = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

/** Lines over days, each named at its end. What it shows is there as a table as well. */
export function LineChart({ lines, finding, height = 240, unit = "" }: LineChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [asTable, setAsTable] = useState(false);
  const days = [...new Set(lines.flatMap(({ points }) => points.map(({ at }) => at)))].sort((a, b) => a - b);

  return (
    <div className="px-3.5 pb-2.5">
      <div ref={box}>
        {asTable ? (
          <LineTable lines={lines} days={days} unit={unit} />
        ) : (
          width > 0 && (
            <Lines lines={lines} days={days} finding={finding} width={width} height={height} unit={unit} />
          )
        )}
      </div>
      <Button
        variant="link"
        size="inline"
        className="text-xs print:hidden"
        onClick={() => {
          setAsTable(!asTable);
        }}
      >
        {asTable ? "Show as chart" : "Show as table"}
      </Button>
    </div>
  );
}

function Lines({
  lines,
  days,
  finding,
  width,
  height,
  unit,
}: Required<LineChartProps> & { days: number[]; width: number }) {
  const values = lines.flatMap(({ points }) => points.map(({ value }) => value));
  const scale = niceScale(Math.min(...values), Math.max(...values));
  const narrow = width < 520;
  const end = width - (narrow ? 92 : right);
  const first = days.at(0) ?? 0;
  const span = (days.at(-1) ?? 0) - first || 1;
  const x = (at: number) => (days.length < 2 ? end : left + ((at - first) / span) * (end - left));
  const y = (value: number) =>
    height - bottom - ((value - scale.low) / (scale.high - scale.low)) * (height - top - bottom);
  const ends = lines.map(({ points }) => points.at(-1));
  const places = spread(
    ends.map((last) => (last ? y(last.value) : 0)),
    14,
    top + 4,
    height - bottom,
  );
  const marks = days.filter(
    (_, index) => days.length <= 6 || index % Math.ceil(days.length / 5) === 0 || index === days.length - 1,
  );

  return (
    <svg width={width} height={height} role="img" aria-label={finding} className="block">
      {scale.ticks.map((tick) => (
        <g key={tick}>
          <line x1={left} x2={end} y1={y(tick)} y2={y(tick)} stroke="var(--border)" />
          <text x={left - 8} y={y(tick) + 4} textAnchor="end" className="fill-fg-subtle text-2xs tnum">
            {num(tick)}
            {unit}
          </text>
        </g>
      ))}
      {marks.map((day) => (
        <text
          key={day}
          x={Math.min(x(day), end)}
          y={height - 5}
          textAnchor={day === days.at(-1) ? "end" : day === first ? "start" : "middle"}
          className="fill-fg-subtle text-2xs"
        >
          {dayAndMonth.format(new Date(day))}
        </text>
      ))}
      {lines.map((line, index) => {
        const last = ends[index];
        if (!last) return null;
        return (
          <g key={line.name}>
            <polyline
              points={line.points.map(({ at, value }) => `${x(at)},${y(value)}`).join(" ")}
              fill="none"
              stroke={colourOf(index)}
              strokeWidth={1.75}
              strokeLinejoin="round"
            />
            <circle cx={x(last.at)} cy={y(last.value)} r={2.75} fill={colourOf(index)} />
            <text x={end + 10} y={places[index] + 4} className="fill-fg text-xs font-medium">
              {shortened(line.name, narrow ? 7 : 18)}
            </text>
            <text x={width - 2} y={places[index] + 4} textAnchor="end" className="fill-fg-muted text-xs tnum">
              {last.value.toFixed(1)}
              {unit}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

function shortened(name: string, most: number): string {
  return name.length <= most ? name : `${name.slice(0, most - 1)}…`;
}

function LineTable({ lines, days, unit }: { lines: Line[]; days: number[]; unit: string }) {
  return (
    // A wide table scrolls by keyboard too.
    <div className="max-h-60 overflow-auto" tabIndex={0} role="region" aria-label="Values of the chart">
      <table className="w-full">
        <thead>
          <tr className="text-left text-xs text-fg-muted">
            <th scope="col" className="py-1 pr-3 font-medium">
              Day
            </th>
            {lines.map(({ name }) => (
              <th key={name} scope="col" className="py-1 pr-3 text-right font-medium">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {days.toReversed().map((day) => (
            <tr key={day} className="border-t border-border">
              <th scope="row" className="py-1 pr-3 text-left font-normal whitespace-nowrap">
                {dayAndMonth.format(new Date(day))}
              </th>
              {lines.map(({ name, points }) => {
                const point = points.find(({ at }) => at === day);
                return (
                  <td key={name} className="py-1 pr-3 text-right tnum">
                    {point ? (
                      `${point.value.toFixed(1)}${unit}`
                    ) : (
                      <span className="text-fg-subtle">none</span>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
