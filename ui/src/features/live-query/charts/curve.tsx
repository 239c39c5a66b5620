import { num } from "@/lib/format";
import type { Point } from "./chart-data";

const width = 900;
const height = 260;
const pad = { left: 56, right: 16, top: 12, bottom: 28 };
/** Points up to which each is marked. */
const marked = 60;

/** A measure over numbers: y from zero, both axes named, the highest point told in words. */
export function Curve({ points, x, y }: { points: Point[]; x: string; y: string }) {
  const low = points[0]?.x ?? 0;
  const high = points.at(-1)?.x ?? 1;
  const peak = points.reduce((most, point) => (point.y > most.y ? point : most), points[0]);
  const top = Math.max(1, peak.y);
  const place = (point: Point) => ({
    x: pad.left + ((point.x - low) / (high - low || 1)) * (width - pad.left - pad.right),
    y: pad.top + (1 - point.y / top) * (height - pad.top - pad.bottom),
  });
  const placed = points.map(place);
  const says = `${y} by ${x}: most, ${num(peak.y)}, at ${num(peak.x)}; from ${num(low)} to ${num(high)}`;
  return (
    <figure className="m-0 p-4">
      <figcaption className="mb-2 text-xs font-semibold text-fg-muted">
        {y} by {x}
      </figcaption>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={says}
        className="w-full max-w-240 text-2xs text-fg-subtle"
      >
        {[0, 0.5, 1].map((part) => {
          const at = place({ x: low, y: top * part }).y;
          return (
            <g key={part}>
              <line x1={pad.left} x2={width - pad.right} y1={at} y2={at} stroke="var(--border)" />
              <text x={pad.left - 8} y={at + 4} textAnchor="end" fill="currentColor">
                {num(Math.round(top * part * 10) / 10)}
              </text>
            </g>
          );
        })}
        {[low, high].map((value, index) => (
          <text
            key={index}
            x={index === 0 ? pad.left : width - pad.right}
            y={height - 8}
            textAnchor={index === 0 ? "start" : "end"}
            fill="currentColor"
          >
            {num(value)}
          </text>
        ))}
        <polyline
          points={placed.map((point) => `${point.x},${point.y}`).join(" ")}
          fill="none"
          stroke="var(--chart-1)"
          strokeWidth={1.75}
          strokeLinejoin="round"
        />
        {placed.length <= marked &&
          placed.map((point, index) => (
            <circle key={index} cx={point.x} cy={point.y} r={2.5} fill="var(--chart-1)" />
          ))}
      </svg>
      <p className="mt-1 text-xs text-fg-muted">{says}.</p>
    </figure>
  );
}
