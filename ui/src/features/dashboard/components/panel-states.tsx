import type { ReactNode } from "react";
import { ErrorState } from "@/components/states";
import { Skeleton } from "@/components/ui/skeleton";

/** A panel whose data comes by itself: one that fails does not take the others with it. */
export function PanelStates<Data>({
  query,
  what,
  children,
}: {
  query: { data: Data | undefined; isError: boolean; error: unknown; refetch: () => unknown };
  what: string;
  children: (data: Data) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) {
    return (
      <div className="rounded-md border border-border bg-surface">
        <ErrorState what={`load ${what}`} error={query.error} retry={() => void query.refetch()} />
      </div>
    );
  }
  return (
    <div role="status">
      <span className="sr-only">Loading {what}</span>
      <Skeleton className="h-50" />
    </div>
  );
}
