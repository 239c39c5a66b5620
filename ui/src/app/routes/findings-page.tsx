import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { CircleCheck, X } from "lucide-react";
import { FindingList } from "@/features/findings/components/finding-list";
import { useAcknowledgeFinding } from "@/features/findings/api/acknowledge-finding";
import { useFindings } from "@/features/findings/api/list-findings";
import { useBreadcrumb } from "@/components/breadcrumb";
import { GridSkeleton } from "@/components/data-grid/grid-skeleton";
import { PageHeader } from "@/components/page-header";
import type { RecordSearch } from "@/components/record-list/record-list";
import { EmptyState, ErrorState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useAgents } from "@/hooks/use-agents";
import { useCan } from "@/hooks/use-me";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import type { Finding, FindingState } from "@/lib/api/types";
import { num, plural } from "@/lib/format";
import { keepDraft } from "@/lib/query-draft";
import { severities, severityOf } from "@/lib/severity";
import { cn } from "@/lib/cn";

const route = getRouteApi("/t/$tenant/findings");
const states: { state: FindingState; label: string }[] = [
  { state: "open", label: "Open" },
  { state: "acknowledged", label: "Acknowledged" },
  { state: "waived", label: "Waived" },
  { state: "resolved", label: "Resolved" },
];

/** What is mine to do now? */
export function FindingsPage() {
  const tenant = useTenant();
  const search = route.useSearch();
  const navigate = useNavigate();
  const can = useCan();
  const state = states.find((each) => each.state === search.state)?.state ?? "open";
  const findings = useFindings(tenant, { state, agent: search.agent, check: search.check });
  const acknowledge = useAcknowledgeFinding(tenant);
  const agents = useAgents(tenant, can("agents.read"));
  useTitle("Findings", tenant);
  useBreadcrumb([{ label: "Findings" }]);

  const to = "/t/$tenant/findings" as const;
  const onSearch = (change: Partial<RecordSearch>) => {
    void navigate({ to, params: { tenant }, search: { ...search, ...change }, replace: true });
  };
  const narrowed = search.agent ?? search.check;

  return (
    <>
      <PageHeader title="Findings" answer={findings.data && summary(findings.data.items, state)} />
      <div className="no-print flex flex-none items-center gap-1 px-4 pb-2">
        <nav aria-label="State" className="flex gap-0.5">
          {states.map((each) => (
            <Link
              key={each.state}
              to={to}
              params={{ tenant }}
              search={{ ...search, state: each.state === "open" ? undefined : each.state, sel: undefined }}
              aria-current={each.state === state ? "true" : undefined}
              className={cn(
                "inline-flex h-7 items-center gap-1.5 rounded-sm px-2.5 font-medium text-fg-muted hover:bg-hover max-md:h-9",
                each.state === state && "bg-primary-soft text-primary-text hover:bg-primary-soft",
              )}
            >
              {each.label}
              {each.state === state && findings.data && (
                <span className="text-2xs tnum">
                  {num(findings.data.items.length)}
                  {findings.data.complete ? "" : "+"}
                </span>
              )}
            </Link>
          ))}
        </nav>
        {narrowed && (
          <Button
            size="small"
            className="ml-2"
            onClick={() => {
              void navigate({
                to,
                params: { tenant },
                search: { ...search, agent: undefined, check: undefined },
              });
            }}
          >
            {search.check ??
              agents.data?.items.find(({ id }) => id === search.agent)?.hostname ??
              "one agent"}
            <X size={12} aria-label="Remove this filter" />
          </Button>
        )}
      </div>
      {findings.isPending ? (
        <GridSkeleton label="findings" rows={16} />
      ) : findings.isError && !findings.data ? (
        <ErrorState what="load the findings" error={findings.error} retry={() => void findings.refetch()} />
      ) : findings.data.items.length === 0 ? (
        <div className="flex-1 border-t border-border bg-surface">
          <EmptyState icon={CircleCheck} title={state === "open" ? "Nothing open" : `Nothing ${state}`}>
            {proof(agents.data?.items.length)}
          </EmptyState>
        </div>
      ) : (
        <FindingList
          tenant={tenant}
          findings={findings.data}
          stale={findings.isError}
          search={search}
          onSearch={onSearch}
          onOpen={({ id }) => {
            void navigate({ to: "/t/$tenant/findings/$findingId", params: { tenant, findingId: id } });
          }}
          onAcknowledge={
            can("findings.manage")
              ? (finding) => {
                  acknowledge.mutate(finding);
                }
              : undefined
          }
          onOpenQuery={
            can("query.run")
              ? (sql) => {
                  keepDraft(tenant, sql);
                  void navigate({ to: "/t/$tenant/query", params: { tenant } });
                }
              : undefined
          }
        />
      )}
    </>
  );
}

/** An empty queue is only good news when something was checked. */
function proof(agents: number | undefined): string {
  if (agents === undefined) return "";
  if (agents === 0) return "No agent is enrolled, so nothing was checked.";
  return `${plural(agents, "agent")} report here.`;
}

function summary(findings: Finding[], state: string): string {
  const worst = severities
    .slice(0, 2)
    .map((severity) => ({
      severity,
      count: findings.filter((finding) => severityOf(finding.severity) === severity).length,
    }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${num(count)} ${severity}`);
  return [`${num(findings.length)} ${state}`, ...worst].join(", ");
}
