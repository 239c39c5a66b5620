/** Values in their order as a small line with its last point marked; one is a dot, none a dash. The number beside it speaks. */
export function Sparkline({ values }: { values: number[] }) {
  const width = 92;
  const height = 30;
  const pad = 4;
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const points = values.map((value, index) => ({
    x: values.length === 1 ? width - pad : pad + (index / (values.length - 1)) * (width - 2 * pad),
    y: height - pad - ((value - low) / span) * (height - 2 * pad),
  }));
  const last = points.at(-1);
  return (
    <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} aria-hidden className="flex-none">
      {points.length === 0 && (
        <path
          d={`M ${pad} ${height / 2} H ${width - pad}`}
          stroke="var(--chart-other)"
          strokeDasharray="3 3"
        />
      )}
      {points.length > 1 && (
        <polyline
          points={points.map(({ x, y }) => `${x},${y}`).join(" ")}
          fill="none"
          stroke="var(--chart-1)"
          strokeWidth={1.5}
          strokeLinejoin="round"
        />
      )}
      {last && <circle cx={last.x} cy={last.y} r={2.5} fill="var(--chart-1)" />}
    </svg>
  );
}
