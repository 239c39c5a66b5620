import { riskWord, riskZones } from "@/lib/risk";

const radius = 52;
const centre = 64;
/** Degrees left open between two zones. */
const gap = 2;

/** A point of the half ring; 0 is its left end, 100 its right. */
function pointAt(score: number, r = radius): string {
  const angle = Math.PI * (1 - score / 100);
  return `${centre + r * Math.cos(angle)} ${centre - r * Math.sin(angle)}`;
}

function arc(from: number, to: number): string {
  const trim = (gap / 180) * 50;
  return `M ${pointAt(from + trim)} A ${radius} ${radius} 0 0 1 ${pointAt(to - trim)}`;
}

/** A risk as a half ring with its zones; without a score the ring is hollow. The word beside it is part of its label. */
export function ScoreGauge({ score }: { score: number | null }) {
  const label = score === null ? "Risk unknown" : `Risk ${Math.round(score)} of 100: ${riskWord(score)}`;
  return (
    <svg viewBox="0 0 128 76" role="img" aria-label={label} className="w-32 flex-none">
      {riskZones.map(({ to, colour, word }, index) => {
        const from = index === 0 ? 0 : riskZones[index - 1].to;
        const reached = score !== null && score >= from;
        return (
          <path
            key={word}
            d={arc(from, to)}
            fill="none"
            stroke={score === null ? "var(--border)" : colour}
            strokeOpacity={reached ? 1 : 0.25}
            strokeWidth={10}
          />
        );
      })}
      {score !== null && (
        <circle
          cx={pointAt(score).split(" ")[0]}
          cy={pointAt(score).split(" ")[1]}
          r={6.5}
          fill="var(--surface)"
          stroke="var(--fg)"
          strokeWidth={3}
        />
      )}
      <text x={centre} y={62} textAnchor="middle" className="fill-fg text-[26px] font-[650] tnum">
        {score === null ? "?" : Math.round(score)}
      </text>
      <text x={centre} y={74} textAnchor="middle" className="fill-fg-subtle text-[9px]">
        of 100
      </text>
    </svg>
  );
}
