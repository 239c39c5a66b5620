import { useMemo } from "react";
import { Card } from "@/components/record-list/card-list";
import type { RecordFacet } from "@/components/record-list/record-facets";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import { StatusBadge } from "@/components/status-badge";
import type { Listing } from "@/lib/api/client";
import type { Tenant } from "@/lib/api/types";
import { plural } from "@/lib/format";
import { inTreeOrder } from "@/lib/tenant-tree";
import { TenantPeek } from "./tenant-peek";
import { tenantColumns, tenantFields, type PlacedTenant } from "./tenant-columns";

const noun = { one: "tenant", many: "tenants" };
const idOf = ({ tenant }: PlacedTenant) => tenant.id;
const facets: RecordFacet<PlacedTenant>[] = [
  { column: "plan", title: "Plan", of: ({ tenant }) => tenant.plan },
  { column: "status", title: "Status", of: ({ tenant }) => tenant.status },
];

/** The tenants that one answers for, as a tree until a column sorts them. */
export function TenantList({
  tenants,
  stale,
  search,
  onSearch,
  onOpen,
  canManage,
  onImpersonate,
}: {
  tenants: Listing<Tenant>;
  stale: boolean;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
  onOpen: (tenant: Tenant) => void;
  canManage: boolean;
  onImpersonate?: (tenant: Tenant) => void;
}) {
  const listing = useMemo(
    () => ({ items: inTreeOrder(tenants.items), complete: tenants.complete }),
    [tenants],
  );
  return (
    <RecordList
      noun={noun}
      listing={listing}
      idOf={idOf}
      columns={tenantColumns}
      fields={tenantFields}
      facets={facets}
      stale={stale}
      search={search}
      onSearch={onSearch}
      onOpen={({ tenant }) => {
        onOpen(tenant);
      }}
      peek={(id, placed) =>
        placed && (
          <TenantPeek
            key={id}
            placed={placed}
            all={listing.items}
            canManage={canManage}
            onSwitch={onOpen}
            onImpersonate={onImpersonate}
            onClose={() => {
              onSearch({ sel: undefined });
            }}
          />
        )
      }
      card={({ tenant, path }) => (
        <Card
          title={tenant.name}
          badge={<StatusBadge status={tenant.status} />}
          facts={[tenant.plan, plural(tenant.agents, "agent"), path.at(-1)]}
        />
      )}
    />
  );
}
