import { getRouteApi } from "@tanstack/react-router";
import { Group as GroupIcon, Plus } from "lucide-react";
import { useGroups } from "@/features/groups/api/groups";
import { GroupDialog } from "@/features/groups/components/group-dialog";
import { GroupList } from "@/features/groups/components/group-list";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import { ListingStates } from "@/components/record-list/listing-states";
import { EmptyState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useAgents } from "@/hooks/use-agents";
import { useDialog } from "@/hooks/use-dialog";
import { useCan } from "@/hooks/use-me";
import { useSearchChange } from "@/hooks/use-search-change";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import { plural } from "@/lib/format";

const route = getRouteApi("/t/$tenant/groups");

/** Which agents belong together? */
export function GroupsPage() {
  const tenant = useTenant();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const can = useCan();
  const groups = useGroups(tenant);
  const agents = useAgents(tenant);
  const [creating, setCreating] = useDialog("create", can("agents.manage"));
  useTitle("Groups", tenant);
  useBreadcrumb([{ label: "Groups" }]);
  const create = can("agents.manage") && (
    <Button
      variant="primary"
      onClick={() => {
        setCreating(true);
      }}
    >
      <Plus size={15} strokeWidth={1.75} aria-hidden />
      Create group
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Groups"
        answer={
          groups.data && `${plural(groups.data.items.length, "group")} of agents, by hand, by rule or by SQL`
        }
        actions={create}
      />
      <ListingStates
        query={groups}
        what="the groups"
        empty={
          <EmptyState icon={GroupIcon} title="No group yet" action={create}>
            A group names agents once; queries and scans are then aimed at it.
          </EmptyState>
        }
      >
        {(listing, stale) => (
          <GroupList
            tenant={tenant}
            groups={listing}
            agents={agents.data?.items ?? []}
            stale={stale}
            canManage={can("agents.manage")}
            search={search}
            onSearch={onSearch}
          />
        )}
      </ListingStates>
      {creating && (
        <GroupDialog
          tenant={tenant}
          group={null}
          members={[]}
          agents={agents.data?.items ?? []}
          onClose={() => {
            setCreating(false);
          }}
        />
      )}
    </>
  );
}
