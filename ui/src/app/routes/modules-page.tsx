import { getRouteApi } from "@tanstack/react-router";
import { Table2 } from "lucide-react";
import { ModuleList } from "@/features/modules/components/module-list";
import { useModules, useSetModule } from "@/features/modules/api/modules";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import { ListingStates } from "@/components/record-list/listing-states";
import { EmptyState } from "@/components/states";
import { useCan } from "@/hooks/use-me";
import { useSearchChange } from "@/hooks/use-search-change";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import { explain } from "@/lib/api/problem";
import type { Module } from "@/lib/api/types";
import { num } from "@/lib/format";
import { notify } from "@/lib/toasts";

const route = getRouteApi("/t/$tenant/modules");

/** What do agents of this tenant tell, what do they only answer, and what do they refuse? */
export function ModulesPage() {
  const tenant = useTenant();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const can = useCan();
  const modules = useModules(tenant);
  const set = useSetModule(tenant);
  useTitle("Modules", tenant);
  useBreadcrumb([{ label: "Modules" }]);

  return (
    <>
      <PageHeader title="Modules" answer={modules.data && summary(modules.data.items)} />
      <ListingStates
        query={modules}
        what="the modules"
        empty={
          <EmptyState icon={Table2} title="No module">
            The server knows no table.
          </EmptyState>
        }
      >
        {(listing, stale) => (
          <ModuleList
            modules={listing}
            stale={stale}
            search={search}
            onSearch={onSearch}
            onState={
              can("settings.manage")
                ? (module, state) => {
                    set.mutate(
                      { name: module.name, state },
                      {
                        onError: (error) => {
                          notify(`Could not change ${module.name}. ${explain(error)}`, "bad");
                        },
                      },
                    );
                  }
                : undefined
            }
          />
        )}
      </ListingStates>
    </>
  );
}

function summary(modules: Module[]): string {
  const of = (state: Module["state"]) => modules.filter((each) => each.state === state).length;
  return `${num(of("collected"))} collected, ${num(of("live"))} live only, ${num(of("off"))} off`;
}
