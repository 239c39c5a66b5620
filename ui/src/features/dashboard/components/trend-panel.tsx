import type { ReactNode } from "react";
import { LineChart, type Line } from "@/components/charts/line-chart";
import { Panel } from "@/components/panel";
import type { Scores } from "@/lib/api/types";

/** The score now, with and without waivers, and how each framework came there. */
export function TrendPanel({ scores, lines, aside }: { scores: Scores; lines: Line[]; aside?: ReactNode }) {
  const { judged, percent, strict, waived } = scores.overall;
  return (
    <Panel
      title="Compliance"
      aside={
        <>
          <span className="flex items-baseline gap-2">
            <b className="text-lg font-semibold tnum">
              {judged ? `${percent.toFixed(1)} %` : "Not judged yet"}
            </b>
            {judged && waived > 0 && (
              <span className="text-xs text-fg-muted tnum">{strict.toFixed(1)} % without waivers</span>
            )}
          </span>
          {aside}
        </>
      }
    >
      {lines.length === 0 ? (
        <p className="border-t border-border px-3.5 py-3 text-fg-muted">
          Lines start when a framework&apos;s first checks have been judged.
        </p>
      ) : lines.every(({ points }) => points.length < 2) ? (
        <FirstDay lines={lines} />
      ) : (
        <LineChart lines={lines} finding={findingOf(lines)} unit=" %" />
      )}
    </Panel>
  );
}

/** One day makes no line: the scores stand as bars until there is a second. */
function FirstDay({ lines }: { lines: Line[] }) {
  return (
    <div className="border-t border-border px-3.5 pt-2 pb-3">
      <ul>
        {lines.map(({ name, points }) => {
          const value = points.at(-1)?.value ?? 0;
          return (
            <li key={name} className="flex h-8 items-center gap-3">
              <span className="w-40 flex-none truncate max-sm:w-28">{name}</span>
              <span aria-hidden className="h-2 min-w-0 flex-1 overflow-hidden rounded-full bg-sunken">
                <span className="block h-full rounded-full bg-chart-1" style={{ width: `${value}%` }} />
              </span>
              <span className="w-16 flex-none text-right font-semibold tnum">{value.toFixed(1)} %</span>
            </li>
          );
        })}
      </ul>
      <p className="mt-1 text-xs text-fg-muted">Measured since today. Lines start with the second day.</p>
    </div>
  );
}

function findingOf(lines: Line[]): string {
  const parts = lines.map(({ name, points }) => {
    const last = points.at(-1);
    return last ? `${name} ${last.value.toFixed(1)} %` : `${name} without a score`;
  });
  return `Score by framework: ${parts.join(", ")}`;
}
