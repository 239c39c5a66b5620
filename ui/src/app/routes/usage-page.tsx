import { getRouteApi } from "@tanstack/react-router";
import { Gauge } from "lucide-react";
import { useUsage, useUsageHistory } from "@/features/usage/api/list-usage";
import { PlanMeters } from "@/features/usage/components/plan-meters";
import { PressingList } from "@/features/usage/components/pressing-list";
import { UsageList } from "@/features/usage/components/usage-list";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import { LoadOlder } from "@/components/record-list/load-older";
import { ListingStates } from "@/components/record-list/listing-states";
import { StateTabs } from "@/components/state-tabs";
import { EmptyState, ErrorState } from "@/components/states";
import { Skeleton } from "@/components/ui/skeleton";
import { useSearchChange } from "@/hooks/use-search-change";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import { pagesOf } from "@/lib/api/client";
import { num } from "@/lib/format";

const route = getRouteApi("/t/$tenant/usage");
const spans = [
  { state: "day" as const, label: "By day" },
  { state: "month" as const, label: "By month" },
];

/** How much of its plan is used, and what was used when? */
export function UsagePage() {
  const tenant = useTenant();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const by = search.by ?? "day";
  const usage = useUsage(tenant);
  const history = useUsageHistory(tenant, by);
  useTitle("Usage", tenant);
  useBreadcrumb([{ label: "Usage" }]);
  const standings = usage.data?.items;
  const own = standings?.find((each) => each.tenant === tenant);
  const below = standings?.filter((each) => each !== own);

  return (
    <>
      <PageHeader
        title="Usage"
        answer={below && (below.length > 0 ? `This tenant and ${num(below.length)} below it` : "This tenant")}
        actions={<LoadOlder query={history} />}
      />
      {/* On a phone all of it scrolls as one: the plan alone fills the screen. */}
      <div className="flex min-h-0 flex-1 flex-col max-md:block max-md:overflow-y-auto">
        <div className="flex flex-none flex-col gap-3 px-5 pb-3 max-sm:px-4">
          {standings ? (
            <>
              {own && <PlanMeters standing={own} />}
              <PressingList standings={below ?? []} />
            </>
          ) : usage.isError ? (
            <ErrorState
              what="load what is used"
              error={usage.error}
              retry={() => void usage.refetch()}
              className="py-4"
            />
          ) : (
            <div role="status">
              <span className="sr-only">Loading what is used</span>
              <Skeleton className="h-28" />
            </div>
          )}
        </div>
        <StateTabs
          label="Periods"
          states={spans}
          chosen={by}
          count={undefined}
          onChoose={(next) => {
            onSearch({ by: next === "day" ? undefined : next, sel: undefined });
          }}
        />
        <ListingStates
          query={{ ...history, data: pagesOf(history) }}
          what="what was used"
          empty={
            <EmptyState icon={Gauge} title="Nothing was counted yet">
              Agents, questions and results are counted from the first day on; a day shows once something was
              used.
            </EmptyState>
          }
        >
          {(periods, stale) => (
            <UsageList periods={periods} stale={stale} search={search} onSearch={onSearch} />
          )}
        </ListingStates>
      </div>
    </>
  );
}
