import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { Building2, Plus } from "lucide-react";
import { useState } from "react";
import { ImpersonateDialog } from "@/features/impersonation/components/impersonate-dialog";
import { ClientList } from "@/features/msp/components/client-list";
import { useClients } from "@/features/msp/api/list-clients";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import { ListingStates } from "@/components/record-list/listing-states";
import { StateTabs } from "@/components/state-tabs";
import { EmptyState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useCan } from "@/hooks/use-me";
import { useSearchChange } from "@/hooks/use-search-change";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import type { Client } from "@/lib/api/types";
import { num, plural } from "@/lib/format";

const route = getRouteApi("/msp/clients");
const views = [
  { state: "all", label: "All" },
  { state: "needs", label: "Needs attention" },
  { state: "acting", label: "Somebody acts there" },
] as const;
type View = (typeof views)[number]["state"];

const inView: Record<View, (client: Client) => boolean> = {
  all: () => true,
  needs: ({ needs_me }) => (needs_me?.length ?? 0) > 0,
  acting: ({ grants }) => grants > 0,
};

/** Which of my customers needs me now? */
export function ClientsPage() {
  const home = useTenant();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const navigate = useNavigate();
  const can = useCan();
  const below = search.below ?? home;
  const clients = useClients(below);
  const [acting, setActing] = useState<Client | null>(null);
  useTitle("Customers");
  useBreadcrumb([{ label: "Customers" }]);
  const view = views.find(({ state }) => state === search.view)?.state ?? "all";
  const items = clients.data?.items.filter(inView[view]);
  const filtered = view !== "all" && (clients.data?.items.length ?? 0) > 0;

  return (
    <>
      <PageHeader
        title="Customers"
        answer={clients.data && summary(clients.data.items)}
        actions={
          search.below && (
            <Button asChild>
              <Link to="/msp/clients">All my customers</Link>
            </Button>
          )
        }
      />
      <StateTabs
        label="Which customers"
        states={[...views]}
        chosen={view}
        count={items && num(items.length)}
        onChoose={(next) => {
          onSearch({ view: next === "all" ? undefined : next, sel: undefined });
        }}
      />
      <ListingStates
        query={{ ...clients, data: items && { items, complete: clients.data?.complete ?? true } }}
        what="the customers"
        empty={
          filtered ? (
            <EmptyState
              icon={Building2}
              title={view === "needs" ? "No customer needs you" : "Nobody acts in a customer now"}
            >
              {plural(clients.data?.items.length ?? 0, "customer")} looked over a moment ago.
            </EmptyState>
          ) : (
            <EmptyState
              icon={Building2}
              title="No customer yet"
              action={
                can("tenants.manage") && (
                  <Button asChild variant="primary">
                    <Link to="/t/$tenant/tenants" params={{ tenant: below }}>
                      <Plus size={15} strokeWidth={1.75} aria-hidden />
                      Create the first
                    </Link>
                  </Button>
                )
              }
            >
              A customer is a tenant below yours.
            </EmptyState>
          )
        }
      >
        {(listing, stale) => (
          <ClientList
            clients={listing}
            stale={stale}
            search={search}
            onSearch={onSearch}
            onSwitch={({ slug }) => {
              void navigate({ to: "/t/$tenant", params: { tenant: slug } });
            }}
            onBelow={({ slug }) => {
              void navigate({ to: "/msp/clients", search: { below: slug } });
            }}
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
    </>
  );
}

function summary(clients: Client[]): string {
  const agents = clients.reduce((sum, client) => sum + client.agents, 0);
  const needing = clients.filter(inView.needs).length;
  return `${plural(clients.length, "customer")}, ${plural(agents, "agent")}; ${
    needing === 0 ? "none needs you" : needing === 1 ? "1 needs you" : `${num(needing)} need you`
  }`;
}
