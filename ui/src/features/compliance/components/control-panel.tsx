import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Change } from "@/components/change";
import { Peek, PeekSection } from "@/components/peek";
import { SeverityBadge } from "@/components/severity-badge";
import { VerdictBar } from "@/components/verdict-bar";
import type { CheckSummary, Control } from "@/lib/api/types";
import { plural } from "@/lib/format";
import { useWhatIf } from "../api/frameworks";
import { standingOf, standings } from "./coverage-map";

/** A control: which checks serve it, how they stand, and what fixing some would be worth. */
export function ControlPanel({
  tenant,
  framework,
  control,
  checks,
  onClose,
}: {
  tenant: string;
  framework: string;
  control: Control;
  checks: CheckSummary[];
  onClose: () => void;
}) {
  const [fixed, setFixed] = useState<string[]>([]);
  const whatIf = useWhatIf(tenant, framework, fixed);
  const serving = new Map((control.checks ?? []).map(({ check, derived }) => [check, derived]));
  const known = checks
    .filter(({ check }) => serving.has(check))
    .sort((a, b) => b.fail - a.fail || a.title.localeCompare(b.title));
  const failing = known.filter(({ fail }) => fail > 0);
  const { word } = standings[standingOf(control)];
  return (
    <Peek
      label="Control"
      title={`${control.control} ${control.title}`.trim()}
      subtitle={[control.group, word, (control.baselines ?? []).join(", ")].filter(Boolean).join(" · ")}
      onClose={onClose}
    >
      <PeekSection title={plural(serving.size, "check serves", "checks serve").concat(" it")}>
        {serving.size === 0 ? (
          <p className="text-fg-muted">
            Nothing is measured for this control: it has to be shown by other means, or a check mapped to it
            in the framework&apos;s document.
          </p>
        ) : (
          <ul className="divide-y divide-border rounded-sm border border-border">
            {known.map((check) => (
              <li key={check.check} className="flex items-center gap-2.5 px-2.5 py-1.5">
                <span className="min-w-0 flex-1">
                  <Link
                    to="/t/$tenant/compliance/$check"
                    params={{ tenant, check: check.check }}
                    className="block truncate font-[550] underline-offset-2 hover:text-primary-text hover:underline"
                  >
                    {check.title}
                  </Link>
                  <span className="block text-xs text-fg-muted">
                    {check.fail > 0 ? plural(check.fail, "agent fails", "agents fail") : "fails nowhere"}
                    {serving.get(check.check) && " · mapped by way of another framework"}
                  </span>
                </span>
                <span className="w-16 flex-none">
                  <VerdictBar counts={check} />
                </span>
                <SeverityBadge severity={check.severity} />
              </li>
            ))}
          </ul>
        )}
      </PeekSection>
      {failing.length > 0 && (
        <PeekSection title="What if these were fixed?">
          <ul className="flex flex-col">
            {failing.map(({ check, title }) => (
              <li key={check}>
                <label className="flex min-h-7 items-center gap-2">
                  <input
                    type="checkbox"
                    className="size-3.5 accent-primary"
                    checked={fixed.includes(check)}
                    onChange={(event) => {
                      setFixed(
                        event.target.checked ? [...fixed, check] : fixed.filter((each) => each !== check),
                      );
                    }}
                  />
                  <span className="min-w-0 truncate">{title}</span>
                </label>
              </li>
            ))}
          </ul>
          <p aria-live="polite" className="mt-1.5 min-h-5 text-fg-muted">
            {whatIf.data ? (
              <>
                The framework&apos;s score goes from {whatIf.data.before.toFixed(1)} % to{" "}
                <b className="font-semibold text-fg">{whatIf.data.after.toFixed(1)} %</b>{" "}
                <Change by={whatIf.data.gain} good="up" unit=" points" />
              </>
            ) : fixed.length === 0 ? (
              "Choose checks to see what they are worth."
            ) : whatIf.isError ? (
              "It could not be reckoned."
            ) : (
              "Reckoning…"
            )}
          </p>
        </PeekSection>
      )}
    </Peek>
  );
}
