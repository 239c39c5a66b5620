import { Link } from "@tanstack/react-router";
import { Panel } from "@/components/panel";
import { SeverityWord } from "@/components/severity-badge";
import type { Finding } from "@/lib/api/types";
import { num } from "@/lib/format";
import { severities, severityOf } from "@/lib/severity";

const bars = {
  critical: "bg-critical",
  high: "bg-high",
  medium: "bg-medium",
  low: "bg-low",
  info: "bg-info",
};

/** Open findings by severity, each line the way to its rows. */
export function SeverityPanel({ tenant, findings }: { tenant: string; findings: Finding[] }) {
  const counts = severities.map((severity) => ({
    severity,
    count: findings.filter((finding) => severityOf(finding.severity) === severity).length,
  }));
  const most = Math.max(1, ...counts.map(({ count }) => count));
  return (
    <Panel
      title="Open findings"
      aside={<span className="text-2xl font-[650] tnum">{num(findings.length)}</span>}
    >
      <ul className="px-2 pt-1 pb-2">
        {counts
          .filter(({ severity, count }) => count > 0 || severity !== "info")
          .map(({ severity, count }) => (
            <li key={severity}>
              <Link
                to="/t/$tenant/findings"
                params={{ tenant }}
                search={{ f: `severity:= ${severity}` }}
                className="focus-inset flex h-8 items-center gap-3 rounded-xs px-1.5 hover:bg-hover"
              >
                <span className="flex w-20 flex-none items-center gap-1.5">
                  <SeverityWord severity={severity} />
                </span>
                <span aria-hidden className="h-2 flex-1 rounded-[2px] bg-sunken dark:bg-hover">
                  <span
                    className={`block h-full rounded-[2px] ${bars[severity]}`}
                    style={{ width: `${(count / most) * 100}%` }}
                  />
                </span>
                <span className="w-12 text-right font-medium tnum">{num(count)}</span>
              </Link>
            </li>
          ))}
      </ul>
    </Panel>
  );
}
