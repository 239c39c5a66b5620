import { getRouteApi } from "@tanstack/react-router";
import { UserPlus, Users } from "lucide-react";
import { InviteDialog } from "@/features/people/components/invite-dialog";
import { PersonList } from "@/features/people/components/person-list";
import { usePeople } from "@/features/people/api/list-people";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import { ListingStates } from "@/components/record-list/listing-states";
import { EmptyState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useDialog } from "@/hooks/use-dialog";
import { useCan } from "@/hooks/use-me";
import { useSearchChange } from "@/hooks/use-search-change";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import type { Person } from "@/lib/api/types";
import { num, plural } from "@/lib/format";
import { PeopleTabs } from "./people-tabs";

const route = getRouteApi("/t/$tenant/people");

/** Who has an account here, and why may they see what they see? */
export function PeoplePage() {
  const tenant = useTenant();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const can = useCan();
  const people = usePeople(tenant);
  const [inviting, setInviting] = useDialog("invite", can("users.manage"));
  useTitle("Users and roles", tenant);
  useBreadcrumb([{ label: "Users and roles" }]);
  const invite = can("users.manage") && (
    <Button
      variant="primary"
      onClick={() => {
        setInviting(true);
      }}
    >
      <UserPlus size={15} strokeWidth={1.75} aria-hidden />
      Invite
    </Button>
  );

  return (
    <>
      <PageHeader
        title="Users and roles"
        answer={people.data && summary(people.data.items)}
        actions={invite}
      />
      <PeopleTabs />
      <ListingStates
        query={people}
        what="the people"
        empty={
          <EmptyState icon={Users} title="Nobody has an account here" action={invite}>
            People of tenants above reach this one by the role that they inherit.
          </EmptyState>
        }
      >
        {(listing, stale) => (
          <PersonList
            tenant={tenant}
            people={listing}
            stale={stale}
            canManage={can("users.manage")}
            search={search}
            onSearch={onSearch}
          />
        )}
      </ListingStates>
      {inviting && (
        <InviteDialog
          tenant={tenant}
          onClose={() => {
            setInviting(false);
          }}
        />
      )}
    </>
  );
}

function summary(people: Person[]): string {
  const of = (status: Person["status"]) => people.filter((each) => each.status === status).length;
  return `${plural(of("active"), "active person", "active people")}, ${num(of("invited"))} invited, ${num(of("deactivated"))} deactivated`;
}
