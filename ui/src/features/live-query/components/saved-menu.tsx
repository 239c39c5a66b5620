import { Bookmark, Trash2 } from "lucide-react";
import { useState } from "react";
import { ErrorState } from "@/components/states";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { Popover, PopoverContent, PopoverTrigger } from "@/components/ui/popover";
import { Skeleton } from "@/components/ui/skeleton";
import { explain } from "@/lib/api/problem";
import { notify } from "@/lib/toasts";
import { useDeleteSavedQuery, useSavedQueries } from "../api/saved-queries";

/** Statements that people keep: one's own, the tenant's, and those shared above it. */
export function SavedMenu({ tenant, onOpen }: { tenant: string; onOpen: (sql: string) => void }) {
  const [open, setOpen] = useState(false);
  const saved = useSavedQueries(tenant, open);
  const remove = useDeleteSavedQuery(tenant);
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <Button variant="ghost">
          <Bookmark size={15} strokeWidth={1.75} aria-hidden />
          Saved
        </Button>
      </PopoverTrigger>
      <PopoverContent
        align="end"
        className="max-h-100 w-[min(480px,calc(100vw-24px))] overflow-y-auto p-1"
        aria-label="Saved queries"
      >
        {saved.isError ? (
          <ErrorState
            what="load the saved queries"
            error={saved.error}
            retry={() => void saved.refetch()}
            className="py-6"
          />
        ) : saved.isPending ? (
          <div role="status" className="p-2">
            <span className="sr-only">Loading the saved queries</span>
            <Skeleton className="h-30" />
          </div>
        ) : saved.data.items.length === 0 ? (
          <p className="px-3 py-6 text-center text-fg-muted">
            Nothing saved yet. Write a statement, then choose Save as.
          </p>
        ) : (
          <ul>
            {saved.data.items.map((query) => (
              <li key={query.id} className="flex items-start gap-1">
                <button
                  type="button"
                  onClick={() => {
                    setOpen(false);
                    onOpen(query.sql);
                  }}
                  className="focus-inset flex min-w-0 flex-1 flex-col gap-0.5 rounded-sm px-2.5 py-2 text-left hover:bg-hover"
                >
                  <span className="font-medium">{query.name}</span>
                  <code className="line-clamp-1 font-mono text-xs break-all text-fg-muted">{query.sql}</code>
                  <span className="text-xs text-fg-subtle">
                    {query.inherited_from ? "from above" : query.sharing === "shared" ? "shared" : "mine"},{" "}
                    {query.owner}, <Time at={query.modified_at} />
                  </span>
                </button>
                {query.may_change && (
                  <Button
                    variant="ghost"
                    size="icon-small"
                    className="mt-1.5"
                    aria-label={`Delete ${query.name}`}
                    onClick={() => {
                      remove.mutate(query.id, {
                        onSuccess: () => {
                          notify(`Deleted the saved query ${query.name}`);
                        },
                        onError: (error) => {
                          notify(`Could not delete it. ${explain(error)}`, "bad");
                        },
                      });
                    }}
                  >
                    <Trash2 size={13} aria-hidden />
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
      </PopoverContent>
    </Popover>
  );
}
