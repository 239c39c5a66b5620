import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { Play, Radar } from "lucide-react";
import { useGroups } from "@/features/groups/api/groups";
import { usePacks } from "@/features/packs/api/packs";
import { useScans } from "@/features/scans/api/scans";
import { ScanList } from "@/features/scans/components/scan-list";
import { StartScanDialog } from "@/features/scans/components/start-scan-dialog";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import { ListingStates } from "@/components/record-list/listing-states";
import { EmptyState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useAgents } from "@/hooks/use-agents";
import { useDialog } from "@/hooks/use-dialog";
import { useCan } from "@/hooks/use-me";
import { useSearchChange } from "@/hooks/use-search-change";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import type { Scan } from "@/lib/api/types";
import { num, plural } from "@/lib/format";

const route = getRouteApi("/t/$tenant/scans");

/** What was run by hand, and is it done? */
export function ScansPage() {
  const tenant = useTenant();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const navigate = useNavigate();
  const can = useCan();
  const scans = useScans(tenant);
  const agents = useAgents(tenant);
  const packs = usePacks(tenant);
  const groups = useGroups(tenant);
  const [starting, setStarting] = useDialog("start", can("query.run"));
  useTitle("Scans", tenant);
  useBreadcrumb([{ label: "Scans" }]);
  const open = ({ id }: Scan) => {
    void navigate({ to: "/t/$tenant/scans/$scan", params: { tenant, scan: id } });
  };
  const start = can("query.run") && (
    <Button
      variant="primary"
      onClick={() => {
        setStarting(true);
      }}
    >
      <Play size={15} strokeWidth={1.75} aria-hidden />
      Start scan
    </Button>
  );
  return (
    <>
      <PageHeader title="Scans" answer={scans.data && summary(scans.data.items)} actions={start} />
      <ListingStates
        query={scans}
        what="the scans"
        empty={
          <EmptyState icon={Radar} title="No scan yet" action={start}>
            Agents run on schedule by themselves; a scan has them run now.
          </EmptyState>
        }
      >
        {(listing, stale) => (
          <ScanList scans={listing} stale={stale} search={search} onSearch={onSearch} onOpen={open} />
        )}
      </ListingStates>
      {starting && (
        <StartScanDialog
          tenant={tenant}
          agents={agents.data?.items ?? []}
          packs={(packs.data?.items ?? [])
            .filter(({ schedule }) => schedule?.enabled)
            .map(({ pack }) => pack.name)}
          groups={groups.data?.items ?? []}
          onStarted={open}
          onClose={() => {
            setStarting(false);
          }}
        />
      )}
    </>
  );
}

function summary(scans: Scan[]): string {
  const running = scans.filter(({ state }) => state === "running").length;
  return `${plural(scans.length, "scan")}, ${num(running)} running`;
}
