import { LoaderCircle, Play } from "lucide-react";
import { useId, useState } from "react";
import { ErrorState } from "@/components/states";
import { StoreGrid } from "@/components/store-grid";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/kbd";
import { useAskAnswers } from "../api/ask-stored";
import type { ResultSearch } from "./results";

/** SQL over all answers of a run, whichever agents gave them: counts, groups, joins of what came back. */
export function SecondStage({
  tenant,
  run,
  columns,
  search,
  onSearch,
}: {
  tenant: string;
  run: string;
  /** What the run selected: the first statement to start from uses it. */
  columns: string[];
  search: ResultSearch;
  onSearch: (change: Partial<ResultSearch>) => void;
}) {
  const id = useId();
  const ask = useAskAnswers(tenant, run);
  const first = columns.at(0);
  const [sql, setSql] = useState(
    first
      ? `SELECT ${first}, count(DISTINCT agent) AS agents FROM answers GROUP BY 1 ORDER BY agents DESC`
      : "SELECT count(*) FROM answers",
  );
  const runNow = () => {
    if (sql.trim() !== "" && !ask.isPending) ask.mutate(sql);
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-none items-start gap-2 border-b border-border p-2">
        <label htmlFor={id} className="sr-only">
          SQL over the table answers
        </label>
        <textarea
          id={id}
          rows={3}
          value={sql}
          spellCheck={false}
          onChange={(event) => {
            setSql(event.target.value);
          }}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
            event.preventDefault();
            event.stopPropagation();
            runNow();
          }}
          className="min-w-0 flex-1 resize-y rounded-sm border border-border-control bg-editor p-2 font-mono text-xs/[18px]"
        />
        <Button variant="primary" onClick={runNow} disabled={ask.isPending || sql.trim() === ""}>
          {ask.isPending ? (
            <LoaderCircle size={14} className="animate-spin" aria-hidden />
          ) : (
            <Play size={14} aria-hidden />
          )}
          Run <Kbd keys={["Ctrl", "↵"]} className="border-transparent bg-[rgb(0_0_0/0.2)] text-on-primary" />
        </Button>
      </div>
      {ask.error ? (
        <ErrorState what="answer the statement" error={ask.error} />
      ) : ask.data ? (
        <StoreGrid
          name="answers"
          store={ask.data.store}
          complete={ask.data.complete}
          search={search}
          onSearch={onSearch}
          none="The statement found nothing in the answers."
        />
      ) : (
        <p className="p-4 text-fg-muted">
          The table <code className="font-mono text-xs">answers</code> holds every row of this run with{" "}
          <code className="font-mono text-xs">agent</code>,{" "}
          <code className="font-mono text-xs">hostname</code> and{" "}
          <code className="font-mono text-xs">tenant</code>.
        </p>
      )}
    </div>
  );
}
