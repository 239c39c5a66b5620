import { getRouteApi } from "@tanstack/react-router";
import { Boxes } from "lucide-react";
import { InventoryList } from "@/features/inventory/components/inventory-list";
import { useInventory } from "@/features/inventory/api/inventory";
import { inventoryKinds } from "@/features/inventory/kinds";
import { useBreadcrumb } from "@/components/breadcrumb";
import { LinkTabs } from "@/components/link-tabs";
import { PageHeader } from "@/components/page-header";
import { ListingStates } from "@/components/record-list/listing-states";
import { EmptyState } from "@/components/states";
import { Time } from "@/components/time";
import { useSearchChange } from "@/hooks/use-search-change";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import { num, plural } from "@/lib/format";

const route = getRouteApi("/t/$tenant/inventory/$kind");

/** What is there, on which agents, and what is rare? */
export function InventoryPage() {
  const tenant = useTenant();
  const params = route.useParams();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const kind = inventoryKinds.find(({ id }) => id === params.kind) ?? inventoryKinds[0];
  const inventory = useInventory(tenant, kind);
  useTitle(`Inventory: ${kind.label}`, tenant);
  useBreadcrumb([{ label: "Inventory" }, { label: kind.label }]);
  const { data } = inventory;

  return (
    <>
      <PageHeader
        title="Inventory"
        answer={
          data && (
            <>
              {num(data.items.length)} different {kind.noun.many} on {plural(data.agents, "agent")}
              {data.oldest && (
                <>
                  , the oldest answer from <Time at={data.oldest} />
                </>
              )}
            </>
          )
        }
      />
      <LinkTabs
        label="Kind"
        tabs={inventoryKinds.map(({ id, label }) => ({
          label,
          link: { to: "/t/$tenant/inventory/$kind", params: { tenant, kind: id } },
        }))}
      />
      <ListingStates
        query={inventory}
        what={`the ${kind.noun.many}`}
        empty={
          <EmptyState icon={Boxes} title={`No ${kind.noun.many} yet`}>
            No agent here has told any. A new one tells {kind.sources.map(({ table }) => table).join(", ")}{" "}
            within seconds of its first contact; what comes shows here by itself.
          </EmptyState>
        }
      >
        {(listing, stale) => (
          <InventoryList
            key={kind.id}
            tenant={tenant}
            kind={kind}
            inventory={listing}
            stale={stale}
            search={search}
            onSearch={onSearch}
          />
        )}
      </ListingStates>
    </>
  );
}
