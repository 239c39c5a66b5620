import { GridSkeleton } from "@/components/data-grid/grid-skeleton";
import { ErrorState } from "@/components/states";
import { StoreGrid } from "@/components/store-grid";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { useAgentTable } from "../api/ask-agent";
import type { AgentTable as Kind } from "../tables";

export interface AgentTableSearch {
  f?: string;
  sort?: string;
  cols?: string;
  /** The moment to look at, local, as the browser's field writes it; now when absent. */
  at?: string;
}

/** One kind of thing on the agent, as it told last or as it was at a moment. */
export function AgentTable({
  tenant,
  agentId,
  kind,
  search,
  onSearch,
}: {
  tenant: string;
  agentId: string;
  kind: Kind;
  search: AgentTableSearch;
  onSearch: (change: Partial<AgentTableSearch>) => void;
}) {
  const rows = useAgentTable(tenant, agentId, kind.sql, search.at);
  const newest = rows.data?.newest;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex min-h-10 flex-none flex-wrap items-center gap-x-3 gap-y-1 px-5 py-1 text-xs text-fg-muted max-sm:px-4">
        <h2 className="sr-only">{kind.label}</h2>
        <span className="min-w-0 flex-1">
          {newest ? (
            <>
              Told <Time at={newest} />
            </>
          ) : (
            rows.data && "Not told yet"
          )}
        </span>
        <label className="flex items-center gap-1.5">
          As of
          <input
            type="datetime-local"
            value={search.at ?? ""}
            onChange={(event) => {
              onSearch({ at: event.target.value || undefined });
            }}
            className="h-7 rounded-sm border border-border-control bg-surface px-1.5 text-fg dark:bg-sunken"
          />
        </label>
        {search.at && (
          <Button
            size="small"
            onClick={() => {
              onSearch({ at: undefined });
            }}
          >
            Now
          </Button>
        )}
      </div>
      {rows.data ? (
        <StoreGrid
          name={kind.label.toLowerCase()}
          store={rows.data.store}
          complete={rows.data.complete}
          none={
            newest
              ? kind.none
              : "The agent has not told these tables: switch their modules on, or ask live in the shell."
          }
          search={search}
          onSearch={onSearch}
        />
      ) : rows.isError ? (
        <ErrorState
          what={`load the ${kind.label.toLowerCase()}`}
          error={rows.error}
          retry={() => void rows.refetch()}
        />
      ) : (
        <GridSkeleton label={kind.label.toLowerCase()} />
      )}
    </div>
  );
}
