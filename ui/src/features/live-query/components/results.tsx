import { Download, LoaderCircle } from "lucide-react";
import { useEffect, useMemo } from "react";
import { ColumnChooser } from "@/components/data-grid/column-chooser";
import { DensityMenu } from "@/components/data-grid/density-menu";
import { Badge } from "@/components/badge";
import { StatusBadge } from "@/components/status-badge";
import { Button } from "@/components/ui/button";
import { useDensity } from "@/hooks/use-density";
import { useHotkey } from "@/hooks/use-hotkey";
import { cn } from "@/lib/cn";
import { download } from "@/lib/download";
import { num, plural } from "@/lib/format";
import { formatLayout, parseLayout } from "@/lib/grid/column-layout";
import { formatFilters, formatSort, parseFilters, parseSort, type Sort } from "@/lib/grid/filter";
import { ChartTab } from "../charts/chart-tab";
import { outcomes, type Outcome } from "../results/events";
import { agentColumn, agentIdColumn, seenColumn } from "../results/result-set";
import type { RunSession, RunSnapshot } from "../results/run-session";
import { AgentAnswers } from "./agent-answers";
import { Ledger, LedgerLines } from "./ledger";
import { OutcomeBar } from "./outcome-bar";
import { resultColumns } from "./result-columns";
import { ResultRows } from "./result-rows";
import { SecondStage } from "./second-stage";

export interface ResultSearch {
  tab?: "rows" | "agents" | "chart" | "sql";
  /** The chart of the tab: kind, column and what is counted. */
  chart?: string;
  outcome?: string;
  sort?: string;
  f?: string;
  cols?: string;
}

interface ResultsProps {
  tenant: string;
  runId: string;
  session: RunSession;
  run: RunSnapshot;
  cancelled: boolean;
  search: ResultSearch;
  onSearch: (change: Partial<ResultSearch>) => void;
}

/** The rare floats up: the odd row is what one looks for. */
const rarestFirst: Sort = { column: seenColumn, descending: false };

/** What came back: rows, agents, and the ledger that accounts for every one asked. */
export function Results({ tenant, runId, session, run, cancelled, search, onSearch }: ResultsProps) {
  const tab = search.tab ?? "rows";
  const outcome = outcomes.find((each) => each === search.outcome);
  const filters = useMemo(() => parseFilters(search.f), [search.f]);
  const sort = useMemo(() => parseSort(search.sort) ?? rarestFirst, [search.sort]);
  const { store, columns: names, seen, counts } = run;
  const columns = useMemo(
    () => resultColumns(store, names, seen, counts?.targets ?? 0),
    [store, names, seen, counts?.targets],
  );
  const layout = useMemo(() => parseLayout(search.cols, columns), [search.cols, columns]);

  useEffect(() => {
    session.show({ filters, sort });
  }, [session, filters, sort]);

  const { density } = useDensity("compact");
  const choose = (next: Outcome | undefined) => {
    onSearch({ outcome: next, tab: next === undefined || next === "with_rows" ? undefined : "agents" });
  };
  const exportCsv = () => {
    const listed = layout
      ? layout.ids.flatMap((id) => columns.filter((column) => column.id === id))
      : columns;
    void session.csv(listed.map(({ id, header }) => ({ id, header }))).then((blob) => {
      download(blob, "live-query.csv");
    });
  };
  const answered = counts ? counts.targets - counts.running - counts.waiting - counts.offline : 0;

  return (
    <div className="flex min-h-0 flex-1 bg-surface">
      <div data-pane="rows" className="flex min-w-0 flex-1 flex-col">
        <div className="flex h-10 flex-none items-center gap-1 border-b border-border pr-2 pl-1.5">
          <div role="tablist" aria-label="Results" className="flex h-full">
            <Tab
              hotkey="1"
              active={tab === "rows"}
              count={store.length}
              onChoose={() => {
                onSearch({ tab: undefined });
              }}
            >
              Rows
            </Tab>
            <Tab
              hotkey="2"
              active={tab === "agents"}
              count={counts?.targets ?? 0}
              onChoose={() => {
                onSearch({ tab: "agents" });
              }}
            >
              Agents
            </Tab>
            <Tab
              hotkey="3"
              active={tab === "chart"}
              onChoose={() => {
                onSearch({ tab: "chart" });
              }}
            >
              Chart
            </Tab>
            <Tab
              hotkey="4"
              active={tab === "sql"}
              onChoose={() => {
                onSearch({ tab: "sql" });
              }}
            >
              SQL over answers
            </Tab>
          </div>
          <span className="flex-1" />
          <span role="status" className="max-sm:hidden">
            <RunState run={run} cancelled={cancelled} answered={answered} />
          </span>
          {tab === "rows" && (
            <>
              <ColumnChooser
                columns={columns}
                layout={layout}
                onLayout={(next) => {
                  onSearch({ cols: formatLayout(next, columns) });
                }}
              />
              <DensityMenu density={density} />
              <Button variant="ghost" onClick={exportCsv} disabled={run.order.length === 0}>
                <Download size={15} strokeWidth={1.75} aria-hidden />
                CSV
              </Button>
            </>
          )}
        </div>
        <OutcomeBar counts={counts} />
        {tab === "sql" ? (
          <SecondStage
            tenant={tenant}
            run={runId}
            columns={names.filter((name) => name !== agentColumn && name !== agentIdColumn)}
            search={search}
            onSearch={onSearch}
          />
        ) : tab === "chart" ? (
          <ChartTab
            store={store}
            order={run.order}
            columns={names}
            chart={search.chart}
            onChart={(chart) => {
              onSearch({ chart });
            }}
          />
        ) : tab === "rows" ? (
          <>
            <ResultRows
              session={session}
              run={run}
              columns={columns}
              layout={layout}
              onLayout={(next) => {
                onSearch({ cols: formatLayout(next, columns) });
              }}
              sort={sort}
              onSort={(next) => {
                onSearch({ sort: formatSort(next) });
              }}
              filters={filters}
              onFilters={(next) => {
                onSearch({ f: formatFilters(next) });
              }}
            />
            <div className="flex h-[30px] flex-none items-center border-t border-border bg-bg px-3 text-xs text-fg-muted tnum">
              <span className="flex-1">
                {num(run.order.length)} of {plural(store.length, "row")}
              </span>
              {counts && <span>from {plural(counts.with_rows, "agent")}</span>}
            </div>
          </>
        ) : (
          <>
            {counts && (
              <div className="border-b border-border xl:hidden">
                <LedgerLines counts={counts} chosen={outcome} onChoose={choose} />
              </div>
            )}
            <AgentAnswers
              answers={run.answers}
              outcome={outcome}
              sort={parseSort(search.sort)}
              onSort={(next) => {
                onSearch({ sort: formatSort(next) });
              }}
            />
          </>
        )}
      </div>
      {counts && <Ledger counts={counts} answers={run.answers} chosen={outcome} onChoose={choose} />}
    </div>
  );
}

function Tab({
  hotkey,
  active,
  count,
  onChoose,
  children,
}: {
  hotkey: string;
  active: boolean;
  count?: number;
  onChoose: () => void;
  children: string;
}) {
  useHotkey(hotkey, onChoose);
  return (
    <button
      type="button"
      role="tab"
      aria-selected={active}
      aria-keyshortcuts={hotkey}
      title={`${children} (${hotkey})`}
      onClick={onChoose}
      className={cn(
        "focus-inset relative inline-flex items-center gap-1.5 px-2.5 font-medium text-fg-muted hover:text-fg",
        active &&
          "text-fg after:absolute after:inset-x-2.5 after:-bottom-px after:h-0.5 after:rounded-t-xs after:bg-primary",
      )}
    >
      {children}
      {count !== undefined && (
        <span className="rounded-xs bg-sunken px-1.5 text-2xs leading-4 text-fg-subtle tnum dark:bg-hover">
          {num(count)}
        </span>
      )}
    </button>
  );
}

function RunState({ run, cancelled, answered }: { run: RunSnapshot; cancelled: boolean; answered: number }) {
  const { state, counts } = run;
  if (state === "failed") return <StatusBadge status="failed" />;
  if (state === "reconnecting") return <Badge tone="warn">Connection lost, trying again</Badge>;
  if (state === "done" && cancelled) return <StatusBadge status="cancelled" />;
  if (!counts) return state === "done" ? null : <Badge tone="wait">Asking</Badge>;
  const asked = counts.targets - counts.offline;
  if (state === "done")
    return (
      <span className="px-1 text-xs text-fg-muted tnum">
        {num(answered)} of {num(asked)} answered
      </span>
    );
  return (
    <Badge tone="wait">
      <LoaderCircle className="animate-spin" aria-hidden />
      <span className="tnum">
        {num(answered)} of {num(asked)} answered
      </span>
    </Badge>
  );
}
