import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { ClipboardCheck } from "lucide-react";
import { CheckList } from "@/features/compliance/components/check-list";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import { ListingStates } from "@/components/record-list/listing-states";
import { EmptyState } from "@/components/states";
import { useChecks } from "@/hooks/use-checks";
import { useSearchChange } from "@/hooks/use-search-change";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import type { CheckSummary } from "@/lib/api/types";
import { num, plural } from "@/lib/format";
import { ComplianceTabs } from "./compliance-tabs";

const route = getRouteApi("/t/$tenant/compliance");

/** Which control fails, on what evidence? */
export function CompliancePage() {
  const tenant = useTenant();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const navigate = useNavigate();
  const checks = useChecks(tenant);
  useTitle("Compliance", tenant);
  useBreadcrumb([{ label: "Compliance" }]);

  return (
    <>
      <PageHeader title="Compliance" answer={checks.data && summary(checks.data.items)} />
      <ComplianceTabs />
      <ListingStates
        query={checks}
        what="the checks"
        empty={
          <EmptyState icon={ClipboardCheck} title="No check yet">
            Checks come with the frameworks that the tenant has switched on.
          </EmptyState>
        }
      >
        {(listing, stale) => (
          <CheckList
            checks={listing}
            stale={stale}
            search={search}
            onSearch={onSearch}
            onOpen={({ check }) => {
              void navigate({ to: "/t/$tenant/compliance/$check", params: { tenant, check } });
            }}
          />
        )}
      </ListingStates>
    </>
  );
}

function summary(checks: CheckSummary[]): string {
  const failing = checks.filter(({ fail }) => fail > 0).length;
  const broken = checks.filter(({ error }) => error > 0).length;
  return `${num(failing)} of ${plural(checks.length, "check")} fail somewhere${broken > 0 ? `, ${num(broken)} could not be judged` : ""}`;
}
