import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { Radar, RotateCw, Square } from "lucide-react";
import {
  useCancelScan,
  useScan,
  useScanAgents,
  useScanResults,
  useTriggerScan,
} from "@/features/scans/api/scans";
import { ScanBar } from "@/features/scans/components/scan-bar";
import { ScanAgents, ScanLog } from "@/features/scans/components/scan-records";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import { ListingStates } from "@/components/record-list/listing-states";
import { StateTabs } from "@/components/state-tabs";
import { EmptyState, ErrorState } from "@/components/states";
import { StatusBadge } from "@/components/status-badge";
import { Button } from "@/components/ui/button";
import { useCan } from "@/hooks/use-me";
import { useSearchChange } from "@/hooks/use-search-change";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import { explain } from "@/lib/api/problem";
import { num, plural } from "@/lib/format";
import { notify } from "@/lib/toasts";

const route = getRouteApi("/t/$tenant/scans/$scan");
const tabs = [
  { state: "agents", label: "Agents" },
  { state: "log", label: "Log" },
] as const;

/** Is the scan done, and where did it fail? */
export function ScanPage() {
  const tenant = useTenant();
  const { scan: id } = route.useParams();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const navigate = useNavigate();
  const can = useCan();
  const scan = useScan(tenant, id);
  const running = scan.data?.state === "running";
  const agents = useScanAgents(tenant, id, running);
  const results = useScanResults(tenant, id, running);
  const cancel = useCancelScan(tenant);
  const again = useTriggerScan(tenant);
  useTitle("Scan", tenant);
  useBreadcrumb([
    {
      label: "Scans",
      link: (
        <Link to="/t/$tenant/scans" params={{ tenant }} className="hover:text-fg">
          Scans
        </Link>
      ),
    },
    { label: `Scan ${id.slice(0, 8)}` },
  ]);
  const tab = tabs.find(({ state }) => state === search.state)?.state ?? "agents";
  const failed = (agents.data?.items ?? []).filter(
    ({ state }) => state === "failed" || state === "timed_out",
  );
  if (scan.isError && !scan.data) {
    return <ErrorState what="load the scan" error={scan.error} retry={() => void scan.refetch()} />;
  }
  return (
    <>
      <PageHeader
        title="Scan"
        badge={scan.data && <StatusBadge status={scan.data.state} />}
        answer={
          scan.data &&
          `${num(scan.data.counts.done)} of ${plural(scan.data.counts.targets, "agent")} done, ${num(scan.data.counts.collections_told)} of ${num(scan.data.counts.collections_expected)} collections told; by ${scan.data.created_by}`
        }
        actions={
          can("query.run") && (
            <>
              {running && (
                <Button
                  disabled={cancel.isPending}
                  onClick={() => {
                    cancel.mutate(id, {
                      onError: (error) => {
                        notify(`Could not stop it. ${explain(error)}`, "bad");
                      },
                    });
                  }}
                >
                  <Square size={13} aria-hidden />
                  Stop
                </Button>
              )}
              {!running && failed.length > 0 && (
                <Button
                  variant="primary"
                  disabled={again.isPending}
                  onClick={() => {
                    again.mutate(
                      {
                        target: { agent_ids: failed.map(({ agent_id }) => agent_id) },
                        collections: scan.data?.collections ?? undefined,
                      },
                      {
                        onSuccess: (next) => {
                          void navigate({
                            to: "/t/$tenant/scans/$scan",
                            params: { tenant, scan: next.id },
                          });
                        },
                        onError: (error) => {
                          notify(`Could not start it again. ${explain(error)}`, "bad");
                        },
                      },
                    );
                  }}
                >
                  <RotateCw size={15} strokeWidth={1.75} aria-hidden />
                  Retry {plural(failed.length, "failed agent")}
                </Button>
              )}
            </>
          )
        }
      />
      {scan.data && (
        <div className="flex-none px-5 pb-3 max-sm:px-4">
          <ScanBar counts={scan.data.counts} worded />
        </div>
      )}
      <StateTabs
        label="Of the scan"
        states={[...tabs]}
        chosen={tab}
        count={undefined}
        onChoose={(next) => {
          onSearch({
            state: next === "agents" ? undefined : next,
            f: undefined,
            sort: undefined,
            sel: undefined,
          });
        }}
      />
      {tab === "agents" ? (
        <ListingStates
          query={agents}
          what="the agents"
          empty={<EmptyState icon={Radar} title="No agent was asked" />}
        >
          {(listing, stale) => (
            <ScanAgents listing={listing} stale={stale} search={search} onSearch={onSearch} />
          )}
        </ListingStates>
      ) : (
        <ListingStates
          query={results}
          what="the log"
          empty={
            <EmptyState icon={Radar} title="Nothing has run yet">
              Lines arrive as agents tell what they ran.
            </EmptyState>
          }
        >
          {(listing, stale) => (
            <ScanLog listing={listing} stale={stale} search={search} onSearch={onSearch} />
          )}
        </ListingStates>
      )}
    </>
  );
}
