import { UsersRound } from "lucide-react";
import { useMemo } from "react";
import { AgentCell } from "@/components/data-grid/agent-cell";
import { DataGrid } from "@/components/data-grid/data-grid";
import type { GridColumn } from "@/components/data-grid/types";
import { EmptyState } from "@/components/states";
import { StatusBadge } from "@/components/status-badge";
import { duration, num } from "@/lib/format";
import type { Sort } from "@/lib/grid/filter";
import { storeOf } from "@/lib/grid/store-of";
import { view } from "@/lib/grid/view";
import type { AgentAnswer, Outcome } from "../results/events";

interface AgentAnswersProps {
  answers: AgentAnswer[];
  outcome: Outcome | undefined;
  sort: Sort | null;
  onSort: (sort: Sort | null) => void;
}

/** Each agent's line: how it went, how many rows, how long, and why not. */
export function AgentAnswers({ answers, outcome, sort, onSort }: AgentAnswersProps) {
  const listed = useMemo(
    () => (outcome ? answers.filter((answer) => answer.outcome === outcome) : answers),
    [answers, outcome],
  );
  const store = useMemo(
    () =>
      storeOf(listed, {
        agent: ({ hostname }) => hostname,
        outcome: ({ outcome }) => outcome,
        rows: ({ rows }) => rows,
        time: ({ duration_ms }) => duration_ms,
        error: ({ error }) => error ?? null,
      }),
    [listed],
  );
  const order = useMemo(() => view(store, [], sort), [store, sort]);
  const columns = useMemo<GridColumn[]>(
    () => [
      {
        id: "agent",
        header: "Agent",
        width: 200,
        text: (row) => listed[row].hostname,
        cell: (row) => <AgentCell id={listed[row].agent_id} hostname={listed[row].hostname} />,
      },
      {
        id: "outcome",
        header: "Outcome",
        width: 120,
        text: (row) => listed[row].outcome,
        cell: (row) => <StatusBadge status={listed[row].outcome} />,
      },
      { id: "rows", header: "Rows", width: 84, align: "end", text: (row) => num(listed[row].rows) },
      {
        id: "time",
        header: "Time",
        width: 90,
        align: "end",
        text: (row) => duration(listed[row].duration_ms),
      },
      {
        id: "error",
        header: "Why",
        width: 420,
        text: (row) => listed[row].error ?? "",
        cell: (row) => (
          <span className="truncate text-fg-muted" title={listed[row].error ?? undefined}>
            {listed[row].error}
          </span>
        ),
      },
    ],
    [listed],
  );
  return (
    <DataGrid
      label="Agents asked"
      columns={columns}
      order={order}
      rowKey={(row) => listed[row].agent_id}
      rowHeight={28}
      sort={sort}
      onSort={onSort}
      empty={
        <EmptyState
          icon={UsersRound}
          title={outcome ? "No agent with this outcome" : "No agent has answered yet"}
        />
      }
    />
  );
}
