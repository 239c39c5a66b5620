import { Link } from "@tanstack/react-router";
import { Panel } from "@/components/panel";
import { SeverityBadge } from "@/components/severity-badge";
import { VerdictBar } from "@/components/verdict-bar";
import type { CheckSummary } from "@/lib/api/types";
import { plural } from "@/lib/format";
import { severities, severityOf } from "@/lib/severity";

const shown = 8;

/** Failing checks, those first whose fix changes most: by severity, then by agents. */
export function FixesPanel({ tenant, checks }: { tenant: string; checks: CheckSummary[] }) {
  const failing = checks
    .filter(({ fail }) => fail > 0)
    .sort((a, b) => weight(b) - weight(a))
    .slice(0, shown);
  return (
    <Panel
      title="Top fixes"
      aside={
        <Link to="/t/$tenant/compliance" params={{ tenant }} className="text-primary-text hover:underline">
          All checks
        </Link>
      }
    >
      {failing.length === 0 ? (
        <p className="border-t border-border px-3.5 py-3 text-fg-muted">
          {checks.length === 0 ? "No check runs here yet." : "Every check that applies passes."}
        </p>
      ) : (
        <ul className="mt-1">
          {failing.map((check) => (
            <li key={check.check} className="border-t border-border">
              <Link
                to="/t/$tenant/compliance/$check"
                params={{ tenant, check: check.check }}
                className="focus-inset flex min-h-9 items-center gap-3 px-3.5 py-1 hover:bg-hover"
              >
                <span className="w-20 flex-none">
                  <SeverityBadge severity={check.severity} />
                </span>
                <span className="min-w-0 flex-1 truncate font-[550]">{check.title}</span>
                <span className="w-24 flex-none max-sm:hidden">
                  <VerdictBar counts={check} />
                </span>
                <span className="w-20 flex-none text-right text-fg-muted tnum">
                  {plural(check.fail, "agent")}
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** A critical check on one agent stands before a low one on any number that a list shows. */
function weight({ severity, fail }: CheckSummary): number {
  const rank = severities.length - severities.indexOf(severityOf(severity));
  return 10 ** rank * (1 + Math.log10(fail));
}
