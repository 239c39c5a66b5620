import { getRouteApi, useNavigate, useRouterState } from "@tanstack/react-router";
import { useMemo } from "react";
import { LiveQuery } from "@/features/live-query/components/live-query";
import { useTenants } from "@/features/tenants/api/list-tenants";
import { useBreadcrumb } from "@/components/breadcrumb";
import { useCan } from "@/hooks/use-me";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import type { Tenant } from "@/lib/api/types";
import { inTreeOrder } from "@/lib/tenant-tree";

const route = getRouteApi("/t/$tenant/query");

/** Who answered, and what is odd? */
export function LiveQueryPage() {
  const tenant = useTenant();
  const search = route.useSearch();
  const can = useCan();
  const tenants = useTenants(can("tenants.read"));
  const below = useMemo(() => treeBelow(tenants.data?.items ?? [], tenant), [tenants.data, tenant]);
  const navigate = useNavigate();
  const hash = useRouterState({ select: (state) => state.location.hash });
  useTitle("Live query", tenant);
  useBreadcrumb([{ label: "Live query" }]);
  return (
    <LiveQuery
      // A saved query that a link opens is a draft of its own: the editor starts with it.
      key={`${tenant} ${/^saved=.+$/.exec(hash)?.[0] ?? ""}`}
      tenant={tenant}
      tenants={below}
      search={search}
      canSchedule={can("packs.manage")}
      onRules={(rule) => {
        void navigate({ to: "/t/$tenant/rules", params: { tenant }, search: { sel: rule } });
      }}
      openTable={/^table=(\w+)$/.exec(hash)?.[1]}
      onSearch={(change) => {
        // A run is a place to come back to; how one looks at it is not.
        const opens = change.run !== undefined && change.run !== search.run;
        void navigate({
          to: "/t/$tenant/query",
          params: { tenant },
          search: { ...search, ...change },
          replace: !opens,
        });
      }}
    />
  );
}

/** The tenant of the address and all below it; every tenant where the address is of the whole installation. */
function treeBelow(tenants: Tenant[], slug: string): Tenant[] {
  const ordered = inTreeOrder(tenants);
  const at = ordered.findIndex(({ tenant }) => tenant.slug === slug);
  if (at < 0) return tenants;
  const end = ordered.findIndex(({ depth }, index) => index > at && depth <= ordered[at].depth);
  return ordered.slice(at, end < 0 ? undefined : end).map(({ tenant }) => tenant);
}
