import { History, LoaderCircle } from "lucide-react";
import { StoreGrid } from "@/components/store-grid";
import { EmptyState, ErrorState } from "@/components/states";
import { Time } from "@/components/time";
import type { StoredAnswer as Answer } from "@/lib/api/stored-rows";
import { duration, plural } from "@/lib/format";
import type { ResultSearch } from "./results";

/** The answer of a statement over stored rows: how many agents it speaks of, how fresh it is, and its rows. */
export function StoredAnswer({
  answer,
  error,
  pending,
  search,
  onSearch,
}: {
  answer: Answer | undefined;
  error: unknown;
  pending: boolean;
  search: ResultSearch;
  onSearch: (change: Partial<ResultSearch>) => void;
}) {
  if (pending) {
    return (
      <p role="status" className="flex flex-1 items-center justify-center gap-2 bg-surface text-fg-muted">
        <LoaderCircle size={15} className="animate-spin text-wait-fg" aria-hidden />
        Reading what agents told
      </p>
    );
  }
  if (error) return <ErrorState what="answer the statement" error={error} />;
  if (!answer) {
    return (
      <EmptyState icon={History} title="Nothing asked yet">
        Run the statement: it reads what agents have told, so those that are away answer too.
      </EmptyState>
    );
  }
  const { store, complete, summary } = answer;
  return (
    <div className="flex min-h-0 flex-1 flex-col bg-surface">
      {summary && (
        <p className="flex-none border-b border-border px-3 py-2 text-xs text-fg-muted tnum">
          {plural(summary.answered, "agent")} of {plural(summary.agents, "agent")} in{" "}
          {duration(summary.duration_ms)}
          {summary.not_told > 0 && `, ${plural(summary.not_told, "agent")} never told a table it reads`}
          {summary.failed > 0 && `, ${plural(summary.failed, "agent")} failed`}
          {(summary.tables ?? []).map(({ table, newest_at: newest }) => (
            <span key={table}>
              {" · "}
              <span className="font-mono">{table}</span> from <Time at={newest} />
            </span>
          ))}
        </p>
      )}
      <StoreGrid
        name="answer"
        store={store}
        complete={complete}
        search={search}
        onSearch={onSearch}
        none="The statement ran and found nothing in what agents told."
      />
    </div>
  );
}
