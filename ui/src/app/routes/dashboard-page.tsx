import { useQuery } from "@tanstack/react-query";
import { AgentsPanel } from "@/features/dashboard/components/agents-panel";
import { CompliancePanel } from "@/features/dashboard/components/compliance-panel";
import { CustomersPanel } from "@/features/dashboard/components/customers-panel";
import { FixesPanel } from "@/features/dashboard/components/fixes-panel";
import { SeverityPanel } from "@/features/dashboard/components/severity-panel";
import { useFindings } from "@/features/findings/api/list-findings";
import { tenantsQuery } from "@/features/tenants/api/list-tenants";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import { ErrorState } from "@/components/states";
import { Skeleton } from "@/components/ui/skeleton";
import { useAgents } from "@/hooks/use-agents";
import { useChecks } from "@/hooks/use-checks";
import { useCan } from "@/hooks/use-me";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import type { ReactNode } from "react";
import type { Finding } from "@/lib/api/types";
import { num, plural } from "@/lib/format";
import { severityOf } from "@/lib/severity";

/** Is all well, and if not, where does one start? */
export function DashboardPage() {
  const tenant = useTenant();
  const can = useCan();
  const findings = useFindings(tenant, { state: "open" });
  const agents = useAgents(tenant, can("agents.read"));
  const checks = useChecks(tenant, can("compliance.read"));
  const tenants = useQuery({ ...tenantsQuery, enabled: can("tenants.read") });
  useTitle("Dashboard", tenant);
  useBreadcrumb([{ label: "Dashboard" }]);
  const below = (tenants.data?.items ?? []).filter(({ slug }) => slug !== tenant);

  return (
    <>
      <PageHeader title="Dashboard" answer={findings.data && summary(findings.data.items)} />
      <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-8 max-sm:px-4">
        <div className="grid max-w-350 items-start gap-3 md:grid-cols-2 xl:grid-cols-3">
          <Loaded query={findings} what="the findings">
            {({ items }) => <SeverityPanel tenant={tenant} findings={items} />}
          </Loaded>
          {can("agents.read") && (
            <Loaded query={agents} what="the agents">
              {({ items }) => <AgentsPanel tenant={tenant} agents={items} />}
            </Loaded>
          )}
          {can("compliance.read") && (
            <Loaded query={checks} what="the checks">
              {({ items }) => <CompliancePanel checks={items} />}
            </Loaded>
          )}
          {can("compliance.read") && checks.data && (
            <div className="md:col-span-2 xl:col-span-3">
              <FixesPanel tenant={tenant} checks={checks.data.items} />
            </div>
          )}
          {below.length > 0 && agents.data && findings.data && (
            <div className="md:col-span-2 xl:col-span-3">
              <CustomersPanel tenants={below} agents={agents.data.items} findings={findings.data.items} />
            </div>
          )}
        </div>
      </div>
    </>
  );
}

/** A panel whose data comes by itself: one that fails does not take the others with it. */
function Loaded<Data>({
  query,
  what,
  children,
}: {
  query: { data: Data | undefined; isError: boolean; error: unknown; refetch: () => unknown };
  what: string;
  children: (data: Data) => ReactNode;
}) {
  if (query.data) return children(query.data);
  if (query.isError) {
    return (
      <div className="rounded-md border border-border bg-surface">
        <ErrorState what={`load ${what}`} error={query.error} retry={() => void query.refetch()} />
      </div>
    );
  }
  return (
    <div role="status">
      <span className="sr-only">Loading {what}</span>
      <Skeleton className="h-50" />
    </div>
  );
}

/** The answer in a line: what is open, and the worst of it. */
function summary(findings: Finding[]): string {
  if (findings.length === 0) return "Nothing is open";
  const of = (wanted: string) => findings.filter(({ severity }) => severityOf(severity) === wanted).length;
  const agents = new Set(findings.map(({ agent_id }) => agent_id)).size;
  return `${plural(findings.length, "open finding")} on ${plural(agents, "agent")}: ${num(of("critical"))} critical, ${num(of("high"))} high`;
}
