import { getRouteApi, useNavigate, useRouterState } from "@tanstack/react-router";
import { LiveQuery } from "@/features/live-query/components/live-query";
import { useBreadcrumb } from "@/components/breadcrumb";
import { useCan } from "@/hooks/use-me";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";

const route = getRouteApi("/t/$tenant/query");

/** Who answered, and what is odd? */
export function LiveQueryPage() {
  const tenant = useTenant();
  const search = route.useSearch();
  const can = useCan();
  const navigate = useNavigate();
  const hash = useRouterState({ select: (state) => state.location.hash });
  useTitle("Live query", tenant);
  useBreadcrumb([{ label: "Live query" }]);
  return (
    <LiveQuery
      // A saved query that a link opens is a draft of its own: the editor starts with it.
      key={`${tenant} ${/^saved=.+$/.exec(hash)?.[0] ?? ""}`}
      tenant={tenant}
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
