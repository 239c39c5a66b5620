import type { ReactNode } from "react";
import { AgentCell } from "@/components/data-grid/agent-cell";
import type { GridColumn } from "@/components/data-grid/types";
import { Card } from "@/components/record-list/card-list";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { Listing } from "@/lib/api/client";
import type { Verdict } from "@/lib/api/types";
import { textOf, type Value } from "@/lib/grid/column-store";

const noun = { one: "verdict", many: "verdicts" };
const idOf = ({ agent_id }: Verdict) => agent_id;
const fields: Record<string, (verdict: Verdict) => Value> = {
  verdict: ({ verdict }) => verdict,
  agent: ({ hostname }) => hostname,
  message: ({ message }) => message,
  tenant: ({ tenant_name }) => tenant_name,
  since: ({ since }) => since,
};
const facets = [{ column: "tenant", title: "Tenant", of: ({ tenant_name }: Verdict) => tenant_name }];

function verdictColumns(verdicts: Verdict[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(fields[field](verdicts[row]));
  return [
    {
      id: "verdict",
      header: "Verdict",
      width: 130,
      text: text("verdict"),
      cell: (row) => <StatusBadge status={verdicts[row].verdict} />,
    },
    {
      id: "agent",
      header: "Agent",
      width: 200,
      text: text("agent"),
      cell: (row) => <AgentCell id={verdicts[row].agent_id} hostname={verdicts[row].hostname} />,
    },
    { id: "message", header: "What it found", width: 420, text: text("message") },
    { id: "tenant", header: "Tenant", width: 150, text: text("tenant") },
    {
      id: "since",
      header: "Since",
      width: 112,
      filterable: false,
      text: text("since"),
      cell: (row) => <Time at={verdicts[row].since} />,
    },
  ];
}

/** What a check says of each agent; opening a failing one shows its rows. */
export function VerdictList({
  verdicts,
  stale,
  search,
  onSearch,
  onOpen,
  rows,
}: {
  verdicts: Listing<Verdict>;
  stale: boolean;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
  onOpen: (verdict: Verdict) => void;
  /** The failing rows on an agent, beside the list. */
  rows: (agent: string) => ReactNode;
}) {
  return (
    <RecordList
      noun={noun}
      listing={verdicts}
      idOf={idOf}
      columns={verdictColumns}
      fields={fields}
      facets={facets}
      stale={stale}
      search={search}
      onSearch={onSearch}
      onOpen={onOpen}
      peek={rows}
      card={(verdict) => (
        <Card
          title={verdict.hostname}
          badge={<StatusBadge status={verdict.verdict} />}
          facts={[verdict.message, <Time key="since" at={verdict.since} />]}
        />
      )}
    />
  );
}
