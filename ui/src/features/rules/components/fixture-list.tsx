import { FlaskConical } from "lucide-react";
import { StatusBadge } from "@/components/status-badge";
import type { RuleCheck } from "@/lib/api/types";

/** The rule's examples, each run as one types: what the rule says of it, and why it does not hold. */
export function FixtureList({ check }: { check: RuleCheck }) {
  const fixtures = check.fixtures ?? [];
  if (fixtures.length === 0) {
    return (
      <p className="flex items-start gap-2 px-3.5 pb-3 text-fg-muted">
        <FlaskConical size={15} strokeWidth={1.75} className="mt-0.5 flex-none" aria-hidden />
        {check.ok
          ? "The rule has no fixture."
          : "They run once the mistakes above them are mended: a rule has one that fires and one that does not."}
      </p>
    );
  }
  return (
    <ul>
      {fixtures.map(({ name, fires, said, mistake }, index) => (
        <li key={`${index} ${name}`} className="border-t border-border px-3.5 py-2">
          <p className="flex items-center gap-2">
            <StatusBadge status={mistake ? "fail" : "pass"} />
            <span className="min-w-0 flex-1 truncate" title={name}>
              {name}
            </span>
            <span className="text-xs text-fg-subtle">{fires ? "fires" : "does not fire"}</span>
          </p>
          {mistake ? (
            <p className="mt-0.5 text-xs break-words text-bad-fg">{mistake}</p>
          ) : (
            said && <p className="mt-0.5 text-xs break-words text-fg-muted">{said}</p>
          )}
        </li>
      ))}
    </ul>
  );
}
