import { Link } from "@tanstack/react-router";
import { Change } from "@/components/change";
import { Panel } from "@/components/panel";
import type { FrameworkScore } from "@/lib/api/types";
import { num } from "@/lib/format";

/** Each framework's score now and its change over the days looked at, the weakest first. */
export function FrameworksPanel({
  tenant,
  frameworks,
  before,
}: {
  tenant: string;
  frameworks: FrameworkScore[];
  /** The first score of the days looked at, by framework, where there is one. */
  before: Map<string, number>;
}) {
  const judged = frameworks.filter((each) => each.judged > 0).sort((a, b) => a.percent - b.percent);
  return (
    <Panel
      title="Frameworks now"
      aside={
        <Link
          to="/t/$tenant/compliance/frameworks"
          params={{ tenant }}
          className="text-primary-text underline-offset-2 hover:underline"
        >
          Coverage
        </Link>
      }
    >
      {judged.length === 0 ? (
        <p className="border-t border-border px-3.5 py-3 text-fg-muted">
          No check that serves one was judged yet.
        </p>
      ) : (
        <ul className="mt-1 max-h-80 overflow-y-auto">
          {judged.map((each) => {
            const earlier = before.get(each.framework);
            return (
              <li key={each.framework} className="border-t border-border">
                <Link
                  to="/t/$tenant/compliance/frameworks/$framework"
                  params={{ tenant, framework: each.framework }}
                  className="focus-inset flex min-h-10 items-center gap-3 px-3.5 py-1 hover:bg-hover"
                >
                  <span className="min-w-0 flex-1">
                    <span className="block truncate font-[550]">{each.title}</span>
                    <span className="block text-xs text-fg-muted tnum">
                      {num(each.met)} of {num(each.judged)} judged controls met
                    </span>
                  </span>
                  {earlier !== undefined && <Change by={each.percent - earlier} good="up" />}
                  <span className="w-16 flex-none text-right font-semibold tnum">
                    {each.percent.toFixed(1)} %
                  </span>
                </Link>
              </li>
            );
          })}
        </ul>
      )}
    </Panel>
  );
}
