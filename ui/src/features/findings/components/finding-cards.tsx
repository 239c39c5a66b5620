import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { SeverityBadge } from "@/components/severity-badge";
import { Time } from "@/components/time";
import type { Finding } from "@/lib/api/types";

/** Cards shown on a phone, worst first. */
const shownAtOnce = 100;

/** Findings on a phone: title and severity, then two facts. */
export function FindingCards({
  tenant,
  findings,
  empty,
}: {
  tenant: string;
  findings: Finding[];
  empty: ReactNode;
}) {
  if (findings.length === 0) return <div className="min-h-0 flex-1">{empty}</div>;
  return (
    <ul className="min-h-0 flex-1 divide-y divide-border overflow-y-auto bg-surface">
      {findings.slice(0, shownAtOnce).map((finding) => (
        <li key={finding.id} className="px-4 py-2.5">
          <div className="flex items-start gap-2">
            <Link
              to="/t/$tenant/findings/$findingId"
              params={{ tenant, findingId: finding.id }}
              className="min-w-0 flex-1 py-0.5 text-md font-[550]"
            >
              {finding.title}
            </Link>
            <SeverityBadge severity={finding.severity} />
          </div>
          <p className="mt-0.5 flex gap-1.5 text-xs text-fg-muted">
            <span className="truncate">{finding.hostname}</span>·
            <span className="whitespace-nowrap">
              <Time at={finding.first_seen_at} />
            </span>
          </p>
        </li>
      ))}
    </ul>
  );
}
