import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { CircleCheck, Eye, RotateCcw, X } from "lucide-react";
import { useMemo } from "react";
import { FindingGroupList } from "@/features/findings/components/finding-group-list";
import { FindingList } from "@/features/findings/components/finding-list";
import {
  acknowledgeFinding,
  refreshFindings,
  reopenFinding,
  useTurnFinding,
} from "@/features/findings/api/turn-finding";
import { useFindings } from "@/features/findings/api/list-findings";
import { onGroups, type FindingGroup, type GroupedBy } from "@/features/findings/finding-groups";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import type { BulkAction } from "@/components/record-list/bulk-bar";
import { ListingStates } from "@/components/record-list/listing-states";
import { EmptyState } from "@/components/states";
import { countOf, StateTabs } from "@/components/state-tabs";
import { Button } from "@/components/ui/button";
import { useAgents } from "@/hooks/use-agents";
import { useCan } from "@/hooks/use-me";
import { useSearchChange } from "@/hooks/use-search-change";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import type { Finding, FindingState } from "@/lib/api/types";
import { num, plural } from "@/lib/format";
import { formatFilters } from "@/lib/grid/filter";
import { keepDraft } from "@/lib/query-draft";
import { severities, severityOf } from "@/lib/severity";

const route = getRouteApi("/t/$tenant/findings");
const states: { state: FindingState; label: string }[] = [
  { state: "open", label: "Open" },
  { state: "acknowledged", label: "Acknowledged" },
  { state: "waived", label: "Waived" },
  { state: "resolved", label: "Resolved" },
];

const groupings: { state: GroupedBy | "none"; label: string }[] = [
  { state: "none", label: "Each finding" },
  { state: "check", label: "By check" },
  { state: "agent", label: "By agent" },
];

/** What is mine to do now? */
export function FindingsPage() {
  const tenant = useTenant();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const navigate = useNavigate();
  const can = useCan();
  const state = states.find((each) => each.state === search.state)?.state ?? "open";
  const findings = useFindings(tenant, { state, agent: search.agent, check: search.check });
  const turn = useTurnFinding(tenant);
  const bulk = useBulk(tenant);
  const groupBulk = useGroupBulk(tenant);
  const agents = useAgents(tenant, can("agents.read"));
  useTitle("Findings", tenant);
  useBreadcrumb([{ label: "Findings" }]);
  const narrowed = search.agent ?? search.check;
  const manages = can("findings.manage");

  return (
    <>
      <PageHeader title="Findings" answer={findings.data && summary(findings.data.items, state)} />
      <div className="no-print flex flex-none flex-wrap items-start">
        <StateTabs
          label="State"
          states={states}
          chosen={state}
          count={countOf(findings.data)}
          onChoose={(next) => {
            onSearch({ state: next === "open" ? undefined : next, sel: undefined });
          }}
        />
        <StateTabs
          label="Put together"
          states={groupings}
          chosen={search.group ?? "none"}
          count={undefined}
          onChoose={(next) => {
            // Columns differ, and with them what one filters and sorts by.
            onSearch({
              group: next === "none" ? undefined : next,
              f: undefined,
              sort: undefined,
              cols: undefined,
              sel: undefined,
            });
          }}
        />
        {narrowed && (
          <Button
            size="small"
            className="mt-0.5"
            onClick={() => {
              onSearch({ agent: undefined, check: undefined });
            }}
          >
            {search.check ??
              agents.data?.items.find(({ id }) => id === search.agent)?.hostname ??
              "one agent"}
            <X size={12} aria-label="Remove this filter" />
          </Button>
        )}
      </div>
      <ListingStates
        query={findings}
        what="the findings"
        empty={
          <EmptyState icon={CircleCheck} title={state === "open" ? "Nothing open" : `Nothing ${state}`}>
            {proof(agents.data?.items.length)}
          </EmptyState>
        }
      >
        {(listing, stale) =>
          search.group ? (
            <FindingGroupList
              key={`${state} ${search.group}`}
              by={search.group}
              findings={listing}
              stale={stale}
              search={search}
              onSearch={onSearch}
              bulk={manages ? groupBulk : undefined}
              onOpen={({ id, title }) => {
                onSearch({
                  group: undefined,
                  sort: undefined,
                  cols: undefined,
                  f:
                    search.group === "agent"
                      ? undefined
                      : formatFilters([{ column: "title", text: `= ${title}` }]),
                  agent: search.group === "agent" ? id : search.agent,
                });
              }}
            />
          ) : (
            <FindingList
              key={state}
              tenant={tenant}
              findings={listing}
              stale={stale}
              search={search}
              onSearch={onSearch}
              bulk={manages ? bulk : undefined}
              onOpen={({ id }) => {
                void navigate({ to: "/t/$tenant/findings/$findingId", params: { tenant, findingId: id } });
              }}
              onTurn={
                manages
                  ? (finding, to) => {
                      turn.mutate({ finding, to });
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
          )
        }
      </ListingStates>
    </>
  );
}

/** What one can do with many findings. */
function useBulk(tenant: string): BulkAction<Finding>[] {
  const queries = useQueryClient();
  return useMemo(() => {
    const acknowledge = (finding: Finding) => acknowledgeFinding(tenant, finding);
    const reopen = (finding: Finding) => reopenFinding(tenant, finding);
    const settled = () => void refreshFindings(queries, tenant);
    return [
      {
        label: "Acknowledge",
        icon: Eye,
        key: "a",
        past: "acknowledged",
        allows: ({ state }) => state === "open",
        act: acknowledge,
        undo: reopen,
        settled,
      },
      {
        label: "Reopen",
        icon: RotateCcw,
        past: "open again",
        allows: ({ state }) => state === "acknowledged",
        act: reopen,
        undo: acknowledge,
        settled,
      },
    ];
  }, [queries, tenant]);
}

/** The same for all findings of checks or agents. */
function useGroupBulk(tenant: string): BulkAction<FindingGroup>[] {
  const queries = useQueryClient();
  return useMemo(() => {
    const acknowledge = (finding: Finding) => acknowledgeFinding(tenant, finding);
    const reopen = (finding: Finding) => reopenFinding(tenant, finding);
    const settled = () => void refreshFindings(queries, tenant);
    return [
      {
        label: "Acknowledge",
        icon: Eye,
        key: "a",
        past: "acknowledged with all their findings",
        settled,
        ...onGroups(acknowledge, reopen, ({ state }) => state === "open"),
      },
      {
        label: "Reopen",
        icon: RotateCcw,
        past: "open again with all their findings",
        settled,
        ...onGroups(reopen, acknowledge, ({ state }) => state === "acknowledged"),
      },
    ];
  }, [queries, tenant]);
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
