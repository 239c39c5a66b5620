import { getRouteApi, Link } from "@tanstack/react-router";
import { ShieldOff } from "lucide-react";
import { useWaivers } from "@/features/compliance/api/waivers";
import { WaiverList, waiverStates } from "@/features/compliance/components/waiver-list";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import { ListingStates } from "@/components/record-list/listing-states";
import { StateTabs } from "@/components/state-tabs";
import { EmptyState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useCan, useMe } from "@/hooks/use-me";
import { useSearchChange } from "@/hooks/use-search-change";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import type { Waiver } from "@/lib/api/types";
import { num, plural } from "@/lib/format";
import { ComplianceTabs } from "./compliance-tabs";

const route = getRouteApi("/t/$tenant/compliance/waivers");
const states = (["holds", "requested", "refused", "ended"] as const).map((state) => ({
  state,
  label: waiverStates[state].word,
}));
/** Days before its end from which a waiver counts as expiring. */
const soon = 14;

/** Which failures are accepted, until when, and which wait for a second person? */
export function WaiversPage() {
  const tenant = useTenant();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const can = useCan();
  const me = useMe();
  const waivers = useWaivers(tenant);
  useTitle("Waivers", tenant);
  useBreadcrumb([{ label: "Compliance" }, { label: "Waivers" }]);
  const state = states.find((each) => each.state === search.state)?.state ?? "holds";
  const items = waivers.data?.items.filter((each) => each.state === state);

  return (
    <>
      <PageHeader title="Waivers" answer={waivers.data && summary(waivers.data.items)} />
      <ComplianceTabs />
      <StateTabs
        label="State"
        states={states}
        chosen={state}
        count={items && num(items.length)}
        onChoose={(next) => {
          onSearch({ state: next === "holds" ? undefined : next, sel: undefined });
        }}
      />
      <ListingStates
        query={{ ...waivers, data: items && { items, complete: waivers.data?.complete ?? true } }}
        what="the waivers"
        empty={
          <EmptyState
            icon={ShieldOff}
            title={state === "requested" ? "None waits for approval" : "No such waiver"}
            action={
              <Button asChild>
                <Link to="/t/$tenant/compliance" params={{ tenant }}>
                  Open the checks
                </Link>
              </Button>
            }
          >
            One asks for a waiver where a check fails. A second person approves it, and it ends by itself.
          </EmptyState>
        }
      >
        {(listing, stale) => (
          <WaiverList
            tenant={tenant}
            waivers={listing}
            stale={stale}
            canManage={can("compliance.manage")}
            me={me.user.email}
            search={search}
            onSearch={onSearch}
          />
        )}
      </ListingStates>
    </>
  );
}

function summary(waivers: Waiver[]): string {
  const held = waivers.filter(({ state }) => state === "holds");
  const expiring = held.filter(({ expires_at }) => Date.parse(expires_at) < Date.now() + soon * 86_400_000);
  const asked = waivers.filter(({ state }) => state === "requested");
  return `${plural(held.length, "failure is", "failures are")} accepted, ${num(expiring.length)} of them for less than ${soon} days more; ${num(asked.length)} ${asked.length === 1 ? "waits" : "wait"} for approval`;
}
