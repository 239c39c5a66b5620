import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { AlarmClockOff, BellOff, CircleCheck, Eye } from "lucide-react";
import { useMemo } from "react";
import { AlertList } from "@/features/alerts/components/alert-list";
import {
  moveAlert,
  useAlerts,
  useMoveAlert,
  type AlertMove,
  type AlertState,
} from "@/features/alerts/api/alerts";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import type { BulkAction } from "@/components/record-list/bulk-bar";
import { ListingStates } from "@/components/record-list/listing-states";
import { countOf, StateTabs } from "@/components/state-tabs";
import { EmptyState } from "@/components/states";
import { useCan } from "@/hooks/use-me";
import { useSearchChange } from "@/hooks/use-search-change";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import { explain } from "@/lib/api/problem";
import type { Alert } from "@/lib/api/types";
import { notify } from "@/lib/toasts";

const route = getRouteApi("/t/$tenant/alerts");
const states: { state: AlertState; label: string }[] = [
  { state: "open", label: "Open" },
  { state: "acknowledged", label: "Acknowledged" },
  { state: "snoozed", label: "Snoozed" },
  { state: "resolved", label: "Resolved" },
];
const moved: Record<AlertMove["move"], string> = {
  acknowledge: "Acknowledged",
  snooze: "Snoozed",
  resolve: "Resolved",
  reopen: "Reopened",
};

/** What did rules raise, and what is mine to do? */
export function AlertsPage() {
  const tenant = useTenant();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const can = useCan();
  const state = states.find((each) => each.state === search.state)?.state ?? "open";
  const alerts = useAlerts(tenant, state);
  const move = useMoveAlert(tenant);
  const bulk = useBulk(tenant);
  useTitle("Alerts", tenant);
  useBreadcrumb([{ label: "Alerts" }]);

  return (
    <>
      <PageHeader title="Alerts" answer="What rules raised, grouped as they say, and who was told" />
      <StateTabs
        label="State"
        states={states}
        chosen={state}
        count={countOf(alerts.data)}
        onChoose={(next) => {
          onSearch({ state: next === "open" ? undefined : next, sel: undefined });
        }}
      />
      <ListingStates
        query={alerts}
        what="the alerts"
        empty={
          <EmptyState icon={BellOff} title={state === "open" ? "No open alert" : `No ${state} alert`}>
            Rules judge every change that agents report. They stand on the page Rules.
          </EmptyState>
        }
      >
        {(listing, stale) => (
          <AlertList
            key={state}
            tenant={tenant}
            alerts={listing}
            stale={stale}
            search={search}
            onSearch={onSearch}
            bulk={can("findings.manage") ? bulk : undefined}
            onMove={
              can("findings.manage")
                ? (alert, change) => {
                    move.mutate(
                      { id: alert.id, ...change },
                      {
                        onSuccess: () => {
                          notify(`${moved[change.move]}: ${alert.title}`);
                        },
                        onError: (error) => {
                          notify(`Could not ${change.move} the alert. ${explain(error)}`, "bad");
                        },
                      },
                    );
                  }
                : undefined
            }
          />
        )}
      </ListingStates>
    </>
  );
}

/** What one can do with many alerts. */
function useBulk(tenant: string): BulkAction<Alert>[] {
  const queries = useQueryClient();
  return useMemo(() => {
    const to =
      (change: AlertMove) =>
      ({ id }: Alert) =>
        moveAlert(tenant, { id, ...change });
    const settled = () => void queries.invalidateQueries({ queryKey: [tenant, "alerts"] });
    const undo = to({ move: "reopen" });
    return [
      {
        label: "Acknowledge",
        icon: Eye,
        key: "a",
        past: "acknowledged",
        allows: ({ state }) => state === "open",
        act: to({ move: "acknowledge" }),
        undo,
        settled,
      },
      {
        label: "Snooze a day",
        icon: AlarmClockOff,
        past: "snoozed",
        allows: ({ state }) => state === "open" || state === "acknowledged",
        act: to({ move: "snooze", minutes: 24 * 60 }),
        undo,
        settled,
      },
      {
        label: "Resolve",
        icon: CircleCheck,
        past: "resolved",
        allows: ({ state }) => state !== "resolved",
        act: to({ move: "resolve" }),
        undo,
        settled,
      },
    ];
  }, [queries, tenant]);
}
