import { CircleMinus, LoaderCircle, SearchX } from "lucide-react";
import { useMemo } from "react";
import { DataGrid } from "@/components/data-grid/data-grid";
import type { GridColumn } from "@/components/data-grid/types";
import { NewRows } from "@/components/new-rows";
import { EmptyState, ErrorState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useDensity } from "@/hooks/use-density";
import { useHotkey } from "@/hooks/use-hotkey";
import type { ColumnLayout } from "@/lib/grid/column-layout";
import type { Filter, Sort } from "@/lib/grid/filter";
import type { RunSession, RunSnapshot } from "../results/run-session";

interface ResultRowsProps {
  session: RunSession;
  run: RunSnapshot;
  columns: GridColumn[];
  layout: ColumnLayout | undefined;
  onLayout: (layout: ColumnLayout) => void;
  sort: Sort | null;
  onSort: (sort: Sort | null) => void;
  filters: Filter[];
  onFilters: (filters: Filter[]) => void;
}

/** The rows as they stream in. While one reads, new ones wait behind a pill. */
export function ResultRows(props: ResultRowsProps) {
  const { session, run, columns } = props;
  useHotkey(
    ".",
    () => {
      session.takeIn();
    },
    run.pending > 0,
  );
  const rowNumber = useMemo(() => (row: number) => row, []);
  const { rowHeight } = useDensity("compact");
  const over = run.state === "done";

  const empty =
    run.state === "failed" ? (
      <ErrorState what="follow the run" error={run.error} />
    ) : run.store.length > 0 && run.pending < run.store.length ? (
      <EmptyState
        icon={SearchX}
        title="No row passes the filters"
        action={
          <Button
            onClick={() => {
              props.onFilters([]);
            }}
          >
            Clear filters
          </Button>
        }
      />
    ) : over ? (
      <EmptyState icon={CircleMinus} title="No agent has such a row">
        The question was asked and answered: nothing matches. The ledger says who could not answer.
      </EmptyState>
    ) : (
      <EmptyState icon={LoaderCircle} title="Waiting for the first rows">
        Agents that are online usually answer within seconds.
      </EmptyState>
    );

  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <DataGrid
        label="Rows"
        columns={columns}
        order={run.order}
        rowKey={rowNumber}
        rowHeight={rowHeight}
        sort={props.sort}
        onSort={props.onSort}
        filters={props.filters}
        onFilters={props.onFilters}
        layout={props.layout}
        onLayout={props.onLayout}
        isNew={(row) => row >= run.newFrom}
        onHold={(holding) => {
          session.hold(holding);
        }}
        empty={empty}
      />
      {run.pending > 0 && run.order.length > 0 && (
        <NewRows
          count={run.pending}
          onTakeIn={() => {
            session.takeIn();
          }}
        />
      )}
    </div>
  );
}
