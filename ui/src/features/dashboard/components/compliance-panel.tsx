import { Panel } from "@/components/panel";
import { VerdictBar } from "@/components/verdict-bar";
import type { CheckSummary } from "@/lib/api/types";
import { num, plural } from "@/lib/format";

interface Standing {
  framework: string;
  checks: number;
  pass: number;
  fail: number;
  error: number;
  waived: number;
  not_applicable: number;
}

/** How the checks that serve a framework stand. It counts verdicts; controls without a check are not among them. */
export function CompliancePanel({ checks }: { checks: CheckSummary[] }) {
  const standings = byFramework(checks);
  return (
    <Panel title="Compliance by framework">
      {standings.length === 0 ? (
        <p className="border-t border-border px-3.5 py-3 text-fg-muted">No check names a control.</p>
      ) : (
        <ul className="mt-1">
          {standings.map((standing) => {
            const judged = standing.pass + standing.fail + standing.error;
            return (
              <li
                key={standing.framework}
                className="flex min-h-9 items-center gap-3 border-t border-border px-3.5 py-1"
              >
                <span className="min-w-0 flex-1 truncate">
                  <span className="font-[550]">{standing.framework}</span>{" "}
                  <span className="text-xs text-fg-muted">{plural(standing.checks, "check")}</span>
                </span>
                <span className="w-28 flex-none max-sm:hidden">
                  <VerdictBar counts={standing} />
                </span>
                <span className="w-14 flex-none text-right font-medium tnum">
                  {judged > 0 ? `${num(Math.floor((standing.pass / judged) * 100))} %` : "–"}
                </span>
              </li>
            );
          })}
        </ul>
      )}
    </Panel>
  );
}

function byFramework(checks: CheckSummary[]): Standing[] {
  const standings = new Map<string, Standing>();
  for (const check of checks) {
    for (const framework of Object.keys(check.controls)) {
      const standing = standings.get(framework) ?? {
        framework,
        checks: 0,
        pass: 0,
        fail: 0,
        error: 0,
        waived: 0,
        not_applicable: 0,
      };
      standing.checks++;
      for (const of of ["pass", "fail", "error", "waived", "not_applicable"] as const) {
        standing[of] += check[of];
      }
      standings.set(framework, standing);
    }
  }
  return [...standings.values()].sort((a, b) => a.framework.localeCompare(b.framework));
}
