import { Trash2 } from "lucide-react";
import { useState } from "react";
import { CellText } from "@/components/cell-text";
import { ConfirmDialog } from "@/components/confirm-dialog";
import type { GridColumn } from "@/components/data-grid/types";
import { Peek, PeekSection } from "@/components/peek";
import { Card } from "@/components/record-list/card-list";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import { SelectField } from "@/components/select-field";
import { ErrorState } from "@/components/states";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import type { Listing } from "@/lib/api/client";
import type { Agent, Baseline } from "@/lib/api/types";
import { plural } from "@/lib/format";
import { textOf, toValue, type Value } from "@/lib/grid/column-store";
import { notify } from "@/lib/toasts";
import { useDeleteBaseline, useDeviations } from "../api/baselines";

const noun = { one: "baseline", many: "baselines" };
const idOf = ({ id }: Baseline) => id ?? "";

function scopeOf({ hostname, agent_id, tag }: Baseline): string {
  if (agent_id) return hostname ?? agent_id;
  return tag ? `Tag ${tag}` : "All agents";
}
const modeOf = ({ mode }: Baseline) => (mode === "pinned" ? "Pinned" : "Learned");

const fields: Record<string, (each: Baseline) => Value> = {
  name: ({ name }) => name,
  collection: ({ collection }) => collection,
  scope: scopeOf,
  mode: modeOf,
  values: ({ values }) => values ?? 0,
  to: ({ learned_to }) => learned_to ?? null,
};

function columnsOf(items: Baseline[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(fields[field](items[row]));
  return [
    {
      id: "name",
      header: "Baseline",
      width: 260,
      text: text("name"),
      cell: (row) => <span className="truncate font-[550]">{items[row].name}</span>,
    },
    { id: "collection", header: "Collection", width: 220, mono: true, text: text("collection") },
    { id: "scope", header: "Of", width: 180, text: text("scope") },
    { id: "mode", header: "How", width: 96, text: text("mode") },
    { id: "values", header: "Rows expected", width: 120, align: "end", text: text("values") },
    {
      id: "to",
      header: "Learned until",
      width: 120,
      filterable: false,
      text: text("to"),
      cell: (row) => <Time at={items[row].learned_to} absent="pinned" />,
    },
  ];
}

/** What is expected of machines, and beside it what an agent has that is not. */
export function BaselineList({
  tenant,
  baselines,
  agents,
  stale,
  canManage,
  search,
  onSearch,
}: {
  tenant: string;
  baselines: Listing<Baseline>;
  agents: Agent[];
  stale: boolean;
  canManage: boolean;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
}) {
  return (
    <RecordList
      noun={noun}
      listing={baselines}
      idOf={idOf}
      columns={columnsOf}
      fields={fields}
      stale={stale}
      search={search}
      onSearch={onSearch}
      card={(each) => <Card title={each.name} facts={[each.collection, scopeOf(each), modeOf(each)]} />}
      peek={(id, each) =>
        each && (
          <BaselinePeek
            key={id}
            tenant={tenant}
            baseline={each}
            agents={agents}
            canManage={canManage}
            onClose={() => {
              onSearch({ sel: undefined });
            }}
          />
        )
      }
    />
  );
}

function BaselinePeek({
  tenant,
  baseline,
  agents,
  canManage,
  onClose,
}: {
  tenant: string;
  baseline: Baseline;
  agents: Agent[];
  canManage: boolean;
  onClose: () => void;
}) {
  const [agent, setAgent] = useState(baseline.agent_id ?? agents.at(0)?.id ?? "");
  const [deleting, setDeleting] = useState(false);
  const deviations = useDeviations(tenant, baseline.id ?? "", agent);
  const remove = useDeleteBaseline(tenant);
  const columns = deviations.data?.columns ?? [];
  const rows = deviations.data?.values ?? [];
  return (
    <Peek
      label="Baseline"
      title={baseline.name}
      subtitle={`${baseline.collection} · ${scopeOf(baseline)} · ${plural(baseline.values ?? 0, "row")} expected`}
      onClose={onClose}
      actions={
        canManage && (
          <Button
            onClick={() => {
              setDeleting(true);
            }}
          >
            <Trash2 size={15} strokeWidth={1.75} aria-hidden />
            Delete
          </Button>
        )
      }
    >
      <SelectField
        label="Agent"
        className="mb-4"
        options={agents.map(({ id, hostname }) => ({ value: id, label: hostname }))}
        value={agent}
        onValue={setAgent}
      />
      <PeekSection title="What it has that is not expected">
        {deviations.isError ? (
          <ErrorState
            what="load the deviations"
            error={deviations.error}
            retry={() => void deviations.refetch()}
          />
        ) : !deviations.data ? (
          <Skeleton className="h-30" />
        ) : rows.length === 0 ? (
          <p className="text-fg-muted">Nothing: all its rows are expected.</p>
        ) : (
          <ul className="divide-y divide-border rounded-sm border border-border">
            {rows.map((cells, row) => (
              <li key={row} className="px-2.5 py-1.5 font-mono text-xs">
                {columns.map((column, index) => {
                  const value = toValue(cells?.[index]);
                  return (
                    <p key={column} className="flex gap-2">
                      <span className="w-28 flex-none truncate text-fg-muted">{column}</span>
                      <CellText text={value === null ? null : textOf(value)} />
                    </p>
                  );
                })}
              </li>
            ))}
          </ul>
        )}
      </PeekSection>
      {deleting && (
        <ConfirmDialog
          title={`Delete ${baseline.name}`}
          verb="Delete"
          pending={remove.isPending}
          error={remove.error}
          onConfirm={() => {
            remove.mutate(baseline.id ?? "", {
              onSuccess: () => {
                notify(`Deleted ${baseline.name}`);
                onClose();
              },
            });
          }}
          onClose={() => {
            setDeleting(false);
          }}
        >
          What was expected is forgotten; findings that stood on it close.
        </ConfirmDialog>
      )}
    </Peek>
  );
}
