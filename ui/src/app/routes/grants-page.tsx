import { getRouteApi, Link } from "@tanstack/react-router";
import { VenetianMask } from "lucide-react";
import { useEndGrant } from "@/features/impersonation/api/end-grant";
import { useGrants } from "@/features/impersonation/api/list-grants";
import { GrantList } from "@/features/impersonation/components/grant-list";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import { ListingStates } from "@/components/record-list/listing-states";
import { EmptyState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useCan } from "@/hooks/use-me";
import { useSearchChange } from "@/hooks/use-search-change";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import { explain } from "@/lib/api/problem";
import { notify } from "@/lib/toasts";
import { PeopleTabs } from "./people-tabs";

const route = getRouteApi("/t/$tenant/people/grants");

/** Who of those above acted in this tenant, why, and is it over? */
export function GrantsPage() {
  const tenant = useTenant();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const can = useCan();
  const grants = useGrants(tenant);
  const end = useEndGrant(tenant);
  useTitle("Access from above", tenant);
  useBreadcrumb([{ label: "Users and roles" }, { label: "Access from above" }]);

  return (
    <>
      <PageHeader
        title="Access from above"
        answer="Who of a tenant above acted here as one of its people or with a role, with the reason they gave"
      />
      <PeopleTabs />
      <ListingStates
        query={grants}
        what="the accesses"
        empty={
          <EmptyState icon={VenetianMask} title="Nobody has acted here from above">
            Somebody who does must give a reason and a time, and shows here and at the top of this page at
            once.
          </EmptyState>
        }
      >
        {(listing, stale) => (
          <GrantList
            grants={listing}
            stale={stale}
            search={search}
            onSearch={onSearch}
            onEnd={
              can("users.manage")
                ? (grant) => {
                    end.mutate(grant, {
                      onSuccess: () => {
                        notify(`Ended: ${grant.actor} no longer acts in ${grant.tenant_name}`);
                      },
                      onError: (error) => {
                        notify(`Could not end it. ${explain(error)}`, "bad");
                      },
                    });
                  }
                : undefined
            }
            audit={(grant) => (
              <Button asChild>
                <Link to="/t/$tenant/audit" params={{ tenant }} search={{ grant: grant.id }}>
                  What was done
                </Link>
              </Button>
            )}
          />
        )}
      </ListingStates>
    </>
  );
}
