import { getRouteApi, Link } from "@tanstack/react-router";
import { CircleCheck } from "lucide-react";
import { useFindings } from "@/features/findings/api/list-findings";
import { SeverityBadge } from "@/components/severity-badge";
import { EmptyState, ErrorState } from "@/components/states";
import { Time } from "@/components/time";
import { Skeleton } from "@/components/ui/skeleton";
import { useTenant } from "@/hooks/use-tenant";
import { severities, severityOf } from "@/lib/severity";

const route = getRouteApi("/t/$tenant/agents/$agentId/findings");

/** What is wrong with this machine, worst first. */
export function AgentFindingsPage() {
  const { agentId } = route.useParams();
  const tenant = useTenant();
  const findings = useFindings(tenant, { state: "open", agent: agentId });
  const rank = (severity: string) => severities.indexOf(severityOf(severity));

  return (
    <div className="min-h-0 flex-1 overflow-y-auto p-5 max-sm:p-4">
      {findings.isError && !findings.data ? (
        <ErrorState what="load the findings" error={findings.error} retry={() => void findings.refetch()} />
      ) : !findings.data ? (
        <div role="status">
          <span className="sr-only">Loading the findings</span>
          <Skeleton className="h-60 rounded-md" />
        </div>
      ) : findings.data.items.length === 0 ? (
        <EmptyState icon={CircleCheck} title="Nothing open on this agent" />
      ) : (
        <ul className="overflow-hidden rounded-md border border-border bg-surface">
          {[...findings.data.items]
            .sort((a, b) => rank(a.severity) - rank(b.severity))
            .map(({ id, title, message, severity, first_seen_at }) => (
              <li key={id} className="flex items-center gap-3 px-3.5 py-2 not-last:border-b hover:bg-hover">
                <span className="w-22 flex-none">
                  <SeverityBadge severity={severity} />
                </span>
                <div className="min-w-0 flex-1">
                  <Link
                    to="/t/$tenant/findings/$findingId"
                    params={{ tenant, findingId: id }}
                    className="inline-block py-0.5 font-[550] hover:text-primary-text hover:underline"
                  >
                    {title}
                  </Link>
                  {message && <p className="truncate text-xs text-fg-muted">{message}</p>}
                </div>
                <span className="flex-none text-xs text-fg-muted">
                  <Time at={first_seen_at} />
                </span>
              </li>
            ))}
        </ul>
      )}
    </div>
  );
}
