import { Link } from "@tanstack/react-router";
import { Panel } from "@/components/panel";
import { SeverityBadge } from "@/components/severity-badge";
import type { Gain } from "@/lib/api/types";
import { plural } from "@/lib/format";

const shown = 8;

/** The fixes with the most effect on the score, the best first. */
export function FixesPanel({ tenant, gains }: { tenant: string; gains: Gain[] }) {
  const most = Math.max(...gains.map(({ gain }) => gain), 0.01);
  return (
    <Panel
      title="Fixes with the most effect"
      aside={
        <Link
          to="/t/$tenant/compliance"
          params={{ tenant }}
          className="text-primary-text underline-offset-2 hover:underline"
        >
          All checks
        </Link>
      }
    >
      {gains.length === 0 ? (
        <p className="border-t border-border px-3.5 py-3 text-fg-muted">
          Every check that applies passes, or none has been judged yet.
        </p>
      ) : (
        <ul className="mt-1">
          {gains.slice(0, shown).map((fix) => (
            <li key={fix.check} className="border-t border-border">
              <Link
                to="/t/$tenant/compliance/$check"
                params={{ tenant, check: fix.check }}
                className="focus-inset flex min-h-9 items-center gap-3 px-3.5 py-1 hover:bg-hover"
              >
                <span className="w-20 flex-none">
                  <SeverityBadge severity={fix.severity} />
                </span>
                <span className="min-w-0 flex-1 truncate font-[550]">{fix.title}</span>
                <span className="w-20 flex-none text-right text-fg-muted tnum max-sm:hidden">
                  {plural(fix.agents, "agent")}
                </span>
                <span
                  aria-hidden
                  className="h-[5px] w-14 flex-none rounded-[3px] bg-sunken max-sm:hidden dark:bg-hover"
                >
                  <span
                    className="block h-full rounded-[3px] bg-primary"
                    style={{ width: `${(fix.gain / most) * 100}%` }}
                  />
                </span>
                <span className="w-20 flex-none text-right font-medium text-ok-fg tnum">
                  +{fix.gain.toFixed(1)} points
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
