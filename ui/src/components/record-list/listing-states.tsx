import type { ReactNode } from "react";
import { GridSkeleton } from "@/components/data-grid/grid-skeleton";
import { ErrorState } from "@/components/states";
import type { Listing } from "@/lib/api/client";

interface ListingQuery<Data> {
  data: Data | undefined;
  error: unknown;
  isPending: boolean;
  isError: boolean;
  refetch: () => unknown;
}

/** The four states of a list: loading, empty with the next step, error with retry, and the list; old rows outlive an error. */
export function ListingStates<Data extends Listing<unknown>>({
  query,
  what,
  empty,
  children,
}: {
  query: ListingQuery<Data>;
  /** What is loaded: "the agents". */
  what: string;
  empty: ReactNode;
  children: (listing: Data, stale: boolean) => ReactNode;
}) {
  if (query.isPending) return <GridSkeleton label={what.replace(/^the /, "")} rows={16} />;
  if (!query.data) {
    return <ErrorState what={`load ${what}`} error={query.error} retry={() => void query.refetch()} />;
  }
  if (query.data.items.length === 0) {
    return <div className="flex-1 border-t border-border bg-surface">{empty}</div>;
  }
  return children(query.data, query.isError);
}
