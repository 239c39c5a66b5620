import { History } from "lucide-react";
import { useState } from "react";
import { ErrorState } from "@/components/states";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { Popover, PopoverContent, PopoverTrigger } from "@/components/ui/popover";
import { Skeleton } from "@/components/ui/skeleton";
import { num } from "@/lib/format";
import { useLiveQueries } from "../api/list-live-queries";

/** Runs of this tenant, newest first. Opening one shows its stored rows without asking an agent again. */
export function HistoryMenu({
  tenant,
  current,
  onOpen,
}: {
  tenant: string;
  current?: string;
  onOpen: (id: string) => void;
}) {
  const [open, setOpen] = useState(false);
  const runs = useLiveQueries(tenant, open);
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <Button variant="ghost">
          <History size={15} strokeWidth={1.75} aria-hidden />
          History
        </Button>
      </PopoverTrigger>
      <PopoverContent
        align="end"
        className="max-h-100 w-[min(480px,calc(100vw-24px))] overflow-y-auto p-1"
        aria-label="History"
      >
        {runs.isError ? (
          <ErrorState
            what="load the history"
            error={runs.error}
            retry={() => void runs.refetch()}
            className="py-6"
          />
        ) : runs.isPending ? (
          <div role="status" className="p-2">
            <span className="sr-only">Loading the history</span>
            <Skeleton className="h-30" />
          </div>
        ) : runs.data.length === 0 ? (
          <p className="px-3 py-6 text-center text-fg-muted">
            No run yet. What is asked here is kept for all who may see it.
          </p>
        ) : (
          <ul>
            {runs.data.map(({ id, sql, state, created_at, created_by, counts, rows }) => (
              <li key={id}>
                <button
                  type="button"
                  aria-current={id === current ? "true" : undefined}
                  onClick={() => {
                    setOpen(false);
                    onOpen(id);
                  }}
                  className="focus-inset flex w-full flex-col gap-1 rounded-sm px-2.5 py-2 text-left hover:bg-hover aria-[current]:bg-selected"
                >
                  <code className="line-clamp-2 font-mono text-xs break-all">{sql}</code>
                  <span className="flex items-center gap-2 text-xs text-fg-muted">
                    <StatusBadge status={state} />
                    <span className="tnum">
                      {num(rows)} rows from {num(counts.with_rows)} of {num(counts.targets)}
                    </span>
                    <span className="ml-auto truncate">
                      {created_by}, <Time at={created_at} />
                    </span>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </PopoverContent>
    </Popover>
  );
}
