import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { Building2, Plus } from "lucide-react";
import { useState } from "react";
import { ImpersonateDialog } from "@/features/impersonation/components/impersonate-dialog";
import { CreateTenantDialog } from "@/features/tenants/components/create-tenant-dialog";
import { TenantList } from "@/features/tenants/components/tenant-list";
import { useTenants } from "@/features/tenants/api/list-tenants";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import { ListingStates } from "@/components/record-list/listing-states";
import { EmptyState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useDialog } from "@/hooks/use-dialog";
import { useHotkey } from "@/hooks/use-hotkey";
import { useCan } from "@/hooks/use-me";
import { useSearchChange } from "@/hooks/use-search-change";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import type { Tenant } from "@/lib/api/types";
import { num, plural } from "@/lib/format";

const route = getRouteApi("/t/$tenant/tenants");

/** What is in this tree, is it well, and who answers for it? */
export function TenantsPage() {
  const tenant = useTenant();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const navigate = useNavigate();
  const can = useCan();
  const tenants = useTenants(true);
  const [creating, setCreating] = useDialog("create", can("tenants.manage"));
  const [acting, setActing] = useState<Tenant | null>(null);
  useTitle("Tenants", tenant);
  useBreadcrumb([{ label: "Tenants" }]);
  const open = () => {
    setCreating(true);
  };
  useHotkey("+", open, can("tenants.manage"));
  const create = can("tenants.manage") && (
    <Button variant="primary" onClick={open}>
      <Plus size={15} strokeWidth={1.75} aria-hidden />
      Create tenant
    </Button>
  );
  const agents = tenants.data?.items.reduce((sum, each) => sum + each.agents, 0) ?? 0;

  return (
    <>
      <PageHeader
        title="Tenants"
        answer={tenants.data && `${plural(tenants.data.items.length, "tenant")} with ${num(agents)} agents`}
        actions={create}
      />
      <ListingStates
        query={tenants}
        what="the tenants"
        empty={
          <EmptyState icon={Building2} title="No customer yet" action={create}>
            Create the first; it inherits what is set here.
          </EmptyState>
        }
      >
        {(listing, stale) => (
          <TenantList
            tenants={listing}
            stale={stale}
            search={search}
            onSearch={onSearch}
            onOpen={({ slug }) => {
              void navigate({ to: "/t/$tenant", params: { tenant: slug } });
            }}
            canManage={can("tenants.manage")}
            onImpersonate={can("tenants.impersonate") ? setActing : undefined}
          />
        )}
      </ListingStates>
      {acting && (
        <ImpersonateDialog
          tenant={acting.slug}
          name={acting.name}
          onClose={() => {
            setActing(null);
          }}
        />
      )}
      {creating && (
        <CreateTenantDialog
          tenant={tenant}
          parents={tenants.data?.items ?? []}
          onClose={() => {
            setCreating(false);
          }}
        />
      )}
    </>
  );
}
