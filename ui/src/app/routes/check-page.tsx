import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { ClipboardCheck, ShieldOff } from "lucide-react";
import { useState } from "react";
import { controlsOf } from "@/features/compliance/components/check-columns";
import { WaiverDialog } from "@/features/compliance/components/waiver-dialog";
import { VerdictList } from "@/features/compliance/components/verdict-list";
import { useVerdicts } from "@/features/compliance/api/list-verdicts";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import { ListingStates } from "@/components/record-list/listing-states";
import { SeverityBadge } from "@/components/severity-badge";
import { StateTabs } from "@/components/state-tabs";
import { EmptyState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/kbd";
import { useHotkey } from "@/hooks/use-hotkey";
import { useCan } from "@/hooks/use-me";
import { useFindings } from "@/features/findings/api/list-findings";
import { FindingPeek } from "@/features/findings/components/finding-peek";
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
  const can = useCan();
  const checks = useChecks(tenant);
  const findings = useFindings(tenant, { state: "open", check });
  const [waiving, setWaiving] = useState(false);
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
  const failing = verdicts.data?.items.filter(({ verdict }) => verdict === "fail") ?? [];
  const mayWaive = can("compliance.manage") && failing.length > 0;
  const waive = () => {
    setWaiving(true);
  };
  useHotkey("w", waive, mayWaive);
  const findingOf = (agent: string) => findings.data?.items.find(({ agent_id }) => agent_id === agent)?.id;

  return (
    <>
      <PageHeader
        title={title}
        badge={known && <SeverityBadge severity={known.severity} />}
        answer={known?.why}
        actions={
          mayWaive && (
            <Button onClick={waive}>
              <ShieldOff size={15} strokeWidth={1.75} aria-hidden />
              Waive
              <Kbd keys={["W"]} />
            </Button>
          )
        }
      />
      {known && (
        <p
          className="mx-5 mb-2 line-clamp-2 flex-none text-xs text-fg-muted max-sm:mx-4"
          title={controlsOf(known).join(" · ")}
        >
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
              const findingId = findingOf(agent_id);
              if (findingId) {
                void navigate({ to: "/t/$tenant/findings/$findingId", params: { tenant, findingId } });
              }
            }}
            rows={(agent) => {
              const id = findingOf(agent);
              return (
                id && (
                  <FindingPeek
                    key={id}
                    tenant={tenant}
                    id={id}
                    onClose={() => {
                      onSearch({ sel: undefined });
                    }}
                  />
                )
              );
            }}
          />
        )}
      </ListingStates>
      {waiving && (
        <WaiverDialog
          tenant={tenant}
          check={check}
          title={title}
          agents={failing.map(({ agent_id, hostname }) => ({ id: agent_id, hostname }))}
          agent={search.sel}
          onClose={() => {
            setWaiving(false);
          }}
        />
      )}
    </>
  );
}
