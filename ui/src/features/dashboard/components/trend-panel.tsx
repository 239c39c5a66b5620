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
          <span className="flex flex-1 items-baseline gap-2">
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
      ) : (
        <LineChart lines={lines} finding={findingOf(lines)} unit=" %" />
      )}
    </Panel>
  );
}

function findingOf(lines: Line[]): string {
  const parts = lines.map(({ name, points }) => {
    const last = points.at(-1);
    return last ? `${name} ${last.value.toFixed(1)} %` : `${name} without a score`;
  });
  return `Score by framework: ${parts.join(", ")}`;
}
