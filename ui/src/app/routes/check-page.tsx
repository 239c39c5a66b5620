import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { ClipboardCheck } from "lucide-react";
import { controlsOf } from "@/features/compliance/components/check-columns";
import { VerdictList } from "@/features/compliance/components/verdict-list";
import { useVerdicts } from "@/features/compliance/api/list-verdicts";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import { ListingStates } from "@/components/record-list/listing-states";
import { SeverityBadge } from "@/components/severity-badge";
import { StateTabs } from "@/components/state-tabs";
import { EmptyState } from "@/components/states";
import { useChecks } from "@/hooks/use-checks";
import { useSearchChange } from "@/hooks/use-search-change";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import type { Verdict } from "@/lib/api/types";
import { num } from "@/lib/format";

const route = getRouteApi("/t/$tenant/compliance/$check");
const states: { state: Verdict["verdict"]; label: string }[] = [
  { state: "fail", label: "Fail" },
  { state: "error", label: "Error" },
  { state: "pass", label: "Pass" },
  { state: "not_applicable", label: "Not applicable" },
];

/** On which agents does a check fail, and what did it find there? */
export function CheckPage() {
  const tenant = useTenant();
  const { check } = route.useParams();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const navigate = useNavigate();
  const checks = useChecks(tenant);
  const verdicts = useVerdicts(tenant, check);
  const known = checks.data?.items.find((each) => each.check === check);
  const title = known?.title ?? check;
  useTitle(title, tenant);
  useBreadcrumb([
    {
      label: "Compliance",
      link: (
        <Link to="/t/$tenant/compliance" params={{ tenant }} className="hover:text-fg">
          Compliance
        </Link>
      ),
    },
    { label: title },
  ]);
  const state = states.find((each) => each.state === search.state)?.state ?? "fail";
  const items = verdicts.data?.items.filter(({ verdict }) => verdict === state);

  return (
    <>
      <PageHeader
        title={title}
        badge={known && <SeverityBadge severity={known.severity} />}
        answer={known?.why}
      />
      {known && (
        <p className="flex-none px-5 pb-2 text-xs text-fg-muted max-sm:px-4">
          {controlsOf(known).join(" · ") || "No control names this check."}
        </p>
      )}
      <StateTabs
        label="Verdict"
        states={states}
        chosen={state}
        count={items && num(items.length)}
        onChoose={(next) => {
          onSearch({ state: next === "fail" ? undefined : next, sel: undefined });
        }}
      />
      <ListingStates
        query={{ ...verdicts, data: items && { items, complete: verdicts.data?.complete ?? true } }}
        what="the verdicts"
        empty={
          <EmptyState icon={ClipboardCheck} title={state === "fail" ? "No agent fails" : "No such verdict"}>
            {verdicts.data && `${num(verdicts.data.items.length)} agents were judged.`}
          </EmptyState>
        }
      >
        {(listing, stale) => (
          <VerdictList
            verdicts={listing}
            stale={stale}
            search={search}
            onSearch={onSearch}
            onOpen={({ agent_id }) => {
              void navigate({
                to: "/t/$tenant/findings",
                params: { tenant },
                search: { check, agent: agent_id },
              });
            }}
          />
        )}
      </ListingStates>
    </>
  );
}
