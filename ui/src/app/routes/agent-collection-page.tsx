import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import { useCollectionRows } from "@/features/agents/api/list-collection-rows";
import { GridSkeleton } from "@/components/data-grid/grid-skeleton";
import { StoreGrid } from "@/components/store-grid";
import { ErrorState } from "@/components/states";
import { useTenant } from "@/hooks/use-tenant";

const route = getRouteApi("/t/$tenant/agents/$agentId/collections/$collection");

/** The rows of one collection. */
export function AgentCollectionPage() {
  const { agentId, collection } = route.useParams();
  const search = route.useSearch();
  const tenant = useTenant();
  const navigate = useNavigate();
  const rows = useCollectionRows(tenant, agentId, collection);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex h-10 flex-none items-center gap-1.5 px-5 text-fg-muted max-sm:px-4">
        <Link
          to="/t/$tenant/agents/$agentId/collections"
          params={{ tenant, agentId }}
          className="hover:text-fg hover:underline"
        >
          Collections
        </Link>
        <ChevronRight size={13} className="text-fg-disabled" aria-hidden />
        <h2 className="font-mono text-xs font-medium text-fg">{collection}</h2>
      </div>
      {rows.data ? (
        <StoreGrid
          name={collection}
          store={rows.data.store}
          complete={rows.data.complete}
          none="The query ran and found nothing on this agent."
          search={search}
          onSearch={(change) => {
            void navigate({
              to: "/t/$tenant/agents/$agentId/collections/$collection",
              params: { tenant, agentId, collection },
              search: { ...search, ...change },
              replace: true,
            });
          }}
        />
      ) : rows.isError ? (
        <ErrorState what={`load ${collection}`} error={rows.error} retry={() => void rows.refetch()} />
      ) : (
        <GridSkeleton label={collection} />
      )}
    </div>
  );
}
