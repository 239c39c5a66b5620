import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { Package, Plus } from "lucide-react";
import { useState } from "react";
import { PackEditor } from "@/features/packs/components/pack-editor";
import { PackList } from "@/features/packs/components/pack-list";
import { usePacks, type ScheduledPack } from "@/features/packs/api/packs";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import { ListingStates } from "@/components/record-list/listing-states";
import { EmptyState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useCan } from "@/hooks/use-me";
import { useSearchChange } from "@/hooks/use-search-change";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import { num, plural } from "@/lib/format";
import { keepDraft } from "@/lib/query-draft";

const route = getRouteApi("/t/$tenant/packs");

/** What runs where? */
export function PacksPage() {
  const tenant = useTenant();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const navigate = useNavigate();
  const can = useCan();
  const packs = usePacks(tenant);
  const [editing, setEditing] = useState<{ name: string | null } | null>(null);
  useTitle("Packs and schedules", tenant);
  useBreadcrumb([{ label: "Packs and schedules" }]);
  const create = can("packs.manage") && (
    <Button
      variant="primary"
      onClick={() => {
        setEditing({ name: null });
      }}
    >
      <Plus size={15} strokeWidth={1.75} aria-hidden />
      Create pack
    </Button>
  );

  return (
    <>
      <PageHeader
        title="Packs and schedules"
        answer={packs.data && summary(packs.data.items)}
        actions={create}
      />
      <ListingStates
        query={packs}
        what="the packs"
        empty={
          <EmptyState icon={Package} title="No pack yet" action={create}>
            Start from a saved query, or import an osquery pack with tenantractl.
          </EmptyState>
        }
      >
        {(listing, stale) => (
          <PackList
            tenant={tenant}
            packs={listing}
            stale={stale}
            canManage={can("packs.manage")}
            search={search}
            onSearch={onSearch}
            onEdit={(name) => {
              setEditing({ name });
            }}
            onOpenQuery={
              can("query.run")
                ? (sql) => {
                    keepDraft(tenant, sql);
                    void navigate({ to: "/t/$tenant/query", params: { tenant } });
                  }
                : undefined
            }
          />
        )}
      </ListingStates>
      {editing && (
        <PackEditor
          tenant={tenant}
          name={editing.name}
          onClose={() => {
            setEditing(null);
          }}
        />
      )}
    </>
  );
}

function summary(packs: ScheduledPack[]): string {
  const on = packs.filter(({ schedule }) => schedule?.enabled);
  const queries = on.reduce((sum, { pack }) => sum + pack.queries, 0);
  return `${num(on.length)} of ${plural(packs.length, "pack")} on, ${plural(queries, "query", "queries")} scheduled`;
}
