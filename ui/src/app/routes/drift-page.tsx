import { getRouteApi } from "@tanstack/react-router";
import { GitCompareArrows, Plus } from "lucide-react";
import { useState } from "react";
import { useCollections } from "@/features/agents/api/list-collections";
import { useBaselines } from "@/features/drift/api/baselines";
import { useRare } from "@/features/drift/api/compare";
import { useDrift } from "@/features/drift/api/list-drift";
import { BaselineList } from "@/features/drift/components/baseline-list";
import { ChangeList } from "@/features/drift/components/change-list";
import { CompareForm } from "@/features/drift/components/compare-form";
import { Comparison } from "@/features/drift/components/comparison";
import { CreateBaselineDialog } from "@/features/drift/components/create-baseline-dialog";
import { DayBars } from "@/features/drift/components/day-bars";
import { RareList } from "@/features/drift/components/rare-list";
import { dayCounts, dayOf } from "@/features/drift/day-counts";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import { ListingStates } from "@/components/record-list/listing-states";
import { SelectField } from "@/components/select-field";
import { StateTabs } from "@/components/state-tabs";
import { EmptyState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useAgents } from "@/hooks/use-agents";
import { useCan } from "@/hooks/use-me";
import { useSearchChange } from "@/hooks/use-search-change";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import type { DriftChange } from "@/lib/api/types";
import { num, plural } from "@/lib/format";

const route = getRouteApi("/t/$tenant/drift");
const tabs = [
  { state: "changes", label: "Changes" },
  { state: "compare", label: "Compare" },
  { state: "rare", label: "Rare" },
  { state: "baselines", label: "Baselines" },
] as const;
const ranges = ["7", "14", "30", "90"].map((value) => ({ value, label: `${value} days` }));
/** Machines that have a row at most, for it to count as rare. */
const rareHolders = 3;

/** What changed, is it new, and what differs? */
export function DriftPage() {
  const tenant = useTenant();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const tab = search.tab ?? "changes";
  useTitle("Drift", tenant);
  useBreadcrumb([{ label: "Drift" }]);
  const Tab = { changes: Changes, compare: Compare, rare: RareRows, baselines: Baselines }[tab];
  return (
    <Tab
      tabs={
        <StateTabs
          label="Drift"
          states={[...tabs]}
          chosen={tab}
          count={undefined}
          onChoose={(next) => {
            onSearch({
              tab: next === "changes" ? undefined : next,
              f: undefined,
              sort: undefined,
              cols: undefined,
              sel: undefined,
            });
          }}
        />
      }
    />
  );
}

interface TabProps {
  tabs: React.ReactNode;
}

function Changes({ tabs }: TabProps) {
  const tenant = useTenant();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const range = ranges.find(({ value }) => value === search.days)?.value ?? "7";
  const days = Number(range);
  const from = new Date();
  from.setDate(from.getDate() - (days - 1));
  from.setHours(0, 0, 0, 0);
  const drift = useDrift(tenant, from.toISOString(), search.coll);
  const all = drift.data?.items;
  const items = search.day ? all?.filter(({ at }) => dayOf(new Date(at)) === search.day) : all;
  return (
    <>
      <PageHeader
        title="Drift"
        answer={all && changesSummary(all, drift.data?.complete ?? true, days)}
        actions={
          <label className="flex items-center gap-2">
            <span className="sr-only">Days shown</span>
            <select
              value={range}
              onChange={(event) => {
                onSearch({
                  days: event.target.value === "7" ? undefined : event.target.value,
                  day: undefined,
                });
              }}
              className="h-7 rounded-sm border border-border-control bg-surface px-2 max-md:h-9 dark:bg-sunken"
            >
              {ranges.map(({ value, label }) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
          </label>
        }
      />
      {tabs}
      {all && (
        <DayBars
          days={dayCounts(
            all.map(({ at }) => at),
            days,
            new Date(),
          )}
          chosen={search.day}
          onChoose={(day) => {
            onSearch({ day, sel: undefined });
          }}
        />
      )}
      <ListingStates
        query={{ ...drift, data: items && { items, complete: drift.data?.complete ?? true } }}
        what="the changes"
        empty={
          <EmptyState
            icon={GitCompareArrows}
            title={search.day ? "No change on this day" : "Nothing changed"}
          >
            What agents tell for the first time is no change. From then on each row that comes, goes or
            changes shows here; what counts is said by the drift policy.
          </EmptyState>
        }
      >
        {(listing, stale) => (
          <ChangeList listing={listing} stale={stale} search={search} onSearch={onSearch} />
        )}
      </ListingStates>
    </>
  );
}

function changesSummary(items: DriftChange[], complete: boolean, days: number): string {
  const agents = new Set(items.map(({ agent_id }) => agent_id)).size;
  const fresh = items.filter((each) => each.new).length;
  return `${num(items.length)}${complete ? "" : "+"} changes on ${plural(agents, "agent")} in ${days} days, ${num(fresh)} never seen in the fleet before`;
}

/** Names of what an agent tells on a schedule; what only checks ask for is not kept as drift. */
function useCollectionNames(tenant: string, agent: string): string[] {
  const collections = useCollections(tenant, agent);
  return (collections.data ?? [])
    .map(({ collection }) => collection)
    .filter((name) => !name.startsWith("check:"))
    .sort();
}

function Compare({ tabs }: TabProps) {
  const tenant = useTenant();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const agents = useAgents(tenant);
  const roster = agents.data?.items ?? [];
  const a = search.a ?? roster.at(0)?.id ?? "";
  const collections = useCollectionNames(tenant, a);
  const sides =
    a && search.coll && (search.from ?? search.to ?? (search.b && search.b !== a))
      ? { collection: search.coll, agent: a, other: search.b, from: search.from, to: search.to }
      : null;
  return (
    <>
      <PageHeader title="Drift" answer="What differs between two times of an agent, or between two agents" />
      {tabs}
      <CompareForm
        agents={roster}
        collections={collections}
        value={{ collection: search.coll, a, b: search.b, from: search.from, to: search.to }}
        onValue={(change) => {
          onSearch({
            ...("collection" in change && { coll: change.collection }),
            ...("a" in change && { a: change.a }),
            ...("b" in change && { b: change.b }),
            ...("from" in change && { from: change.from }),
            ...("to" in change && { to: change.to }),
          });
        }}
      />
      <Comparison tenant={tenant} sides={sides} />
    </>
  );
}

function RareRows({ tabs }: TabProps) {
  const tenant = useTenant();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const agents = useAgents(tenant);
  const collections = useCollectionNames(tenant, agents.data?.items.at(0)?.id ?? "");
  const collection = search.coll ?? collections.at(0);
  const rare = useRare(tenant, collection, rareHolders);
  return (
    <>
      <PageHeader
        title="Drift"
        answer={`What at most ${rareHolders} machines have: the odd one is what one looks for`}
      />
      {tabs}
      <SelectField
        label="Collection"
        className="mx-5 mb-3 max-w-80 max-sm:mx-4"
        options={collections.map((value) => ({ value, label: value }))}
        value={collection ?? ""}
        onValue={(coll) => {
          onSearch({ coll, sel: undefined, f: undefined });
        }}
      />
      <ListingStates
        query={{ ...rare, data: rare.data && { ...rare.data, items: rare.data.items ?? [], complete: true } }}
        what="what is rare"
        empty={
          <EmptyState icon={GitCompareArrows} title="Nothing is rare here">
            Every row of this collection is on more than {rareHolders} machines, or none has told it.
          </EmptyState>
        }
      >
        {(listing, stale) => <RareList rare={listing} stale={stale} search={search} onSearch={onSearch} />}
      </ListingStates>
    </>
  );
}

function Baselines({ tabs }: TabProps) {
  const tenant = useTenant();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const can = useCan();
  const baselines = useBaselines(tenant);
  const agents = useAgents(tenant);
  const roster = agents.data?.items ?? [];
  const collections = useCollectionNames(tenant, roster.at(0)?.id ?? "");
  const [creating, setCreating] = useState(false);
  const create = can("findings.manage") && roster.length > 0 && collections.length > 0 && (
    <Button
      variant="primary"
      onClick={() => {
        setCreating(true);
      }}
    >
      <Plus size={15} strokeWidth={1.75} aria-hidden />
      Create baseline
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Drift"
        answer="What is expected of machines; what they have beyond it"
        actions={create}
      />
      {tabs}
      <ListingStates
        query={baselines}
        what="the baselines"
        empty={
          <EmptyState icon={GitCompareArrows} title="No baseline yet" action={create}>
            Take what a machine has now, or had in the last days, for what is expected.
          </EmptyState>
        }
      >
        {(listing, stale) => (
          <BaselineList
            tenant={tenant}
            baselines={listing}
            agents={roster}
            stale={stale}
            canManage={can("findings.manage")}
            search={search}
            onSearch={onSearch}
          />
        )}
      </ListingStates>
      {creating && (
        <CreateBaselineDialog
          tenant={tenant}
          agents={roster}
          collections={collections}
          onClose={() => {
            setCreating(false);
          }}
        />
      )}
    </>
  );
}
