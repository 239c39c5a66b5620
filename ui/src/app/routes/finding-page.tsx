import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { Eye } from "lucide-react";
import { useTurnFinding } from "@/features/findings/api/turn-finding";
import { useFinding } from "@/features/findings/api/get-finding";
import { FindingDetail } from "@/features/findings/components/finding-detail";
import { AgentLink } from "@/components/agent-link";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import { SeverityBadge } from "@/components/severity-badge";
import { ErrorState } from "@/components/states";
import { StatusBadge } from "@/components/status-badge";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { useCan } from "@/hooks/use-me";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import { keepDraft } from "@/lib/query-draft";

const route = getRouteApi("/t/$tenant/findings/$findingId");

/** One finding on a page of its own: the link that one sends to a colleague. */
export function FindingPage() {
  const { findingId } = route.useParams();
  const tenant = useTenant();
  const navigate = useNavigate();
  const can = useCan();
  const finding = useFinding(tenant, findingId);
  const turn = useTurnFinding(tenant);
  const title = finding.data?.title ?? "Finding";
  useTitle(title, tenant);
  useBreadcrumb([
    {
      label: "Findings",
      link: (
        <Link to="/t/$tenant/findings" params={{ tenant }} className="hover:text-fg">
          Findings
        </Link>
      ),
    },
    { label: title },
  ]);

  if (finding.isError && !finding.data) {
    return (
      <>
        <h1 className="sr-only">Finding</h1>
        <ErrorState what="load the finding" error={finding.error} retry={() => void finding.refetch()} />
      </>
    );
  }
  const data = finding.data;
  return (
    <>
      <PageHeader
        title={title}
        badge={
          data && (
            <span className="flex gap-1.5">
              <SeverityBadge severity={data.severity} />
              <StatusBadge status={data.state} />
            </span>
          )
        }
        answer={
          data && (
            <>
              on <AgentLink id={data.agent_id} hostname={data.hostname} /> · {data.tenant_name}
            </>
          )
        }
        actions={
          data?.state === "open" &&
          can("findings.manage") && (
            <Button
              variant="primary"
              disabled={turn.isPending}
              onClick={() => {
                turn.mutate({ finding: data, to: "acknowledged" });
              }}
            >
              <Eye size={15} strokeWidth={1.75} aria-hidden />
              Acknowledge
            </Button>
          )
        }
      />
      <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-8 max-sm:px-4">
        <div className="max-w-220 rounded-md border border-border bg-surface p-4">
          {data ? (
            <FindingDetail
              heading="h2"
              finding={data}
              onOpenQuery={
                can("query.run")
                  ? (sql) => {
                      keepDraft(tenant, sql);
                      void navigate({ to: "/t/$tenant/query", params: { tenant } });
                    }
                  : undefined
              }
            />
          ) : (
            <div role="status" className="flex flex-col gap-3">
              <span className="sr-only">Loading the finding</span>
              <Skeleton className="h-5 w-2/3" />
              <Skeleton className="h-40" />
              <Skeleton className="h-20" />
            </div>
          )}
        </div>
      </div>
    </>
  );
}
