import { Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { AgentLink } from "@/components/agent-link";
import { Badge } from "@/components/badge";
import { CodeBlock } from "@/components/code-block";
import { ConfirmDialog } from "@/components/confirm-dialog";
import type { GridColumn } from "@/components/data-grid/types";
import { Peek, PeekSection } from "@/components/peek";
import { Card } from "@/components/record-list/card-list";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import { ErrorState } from "@/components/states";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import type { Listing } from "@/lib/api/client";
import type { Agent, Group } from "@/lib/api/types";
import { num, plural } from "@/lib/format";
import { textOf, type Value } from "@/lib/grid/column-store";
import { notify } from "@/lib/toasts";
import { useDeleteGroup, useGroupAgents } from "../api/groups";
import { GroupDialog } from "./group-dialog";

const noun = { one: "group", many: "groups" };
const idOf = ({ id }: Group) => id;
const kindWords: Record<Group["kind"], string> = { fixed: "By hand", expr: "By rule", sql: "By SQL" };

const fields: Record<string, (group: Group) => Value> = {
  name: ({ name }) => name,
  kind: ({ kind }) => kindWords[kind],
  agents: ({ agents }) => agents,
  description: ({ description }) => description,
  rule: ({ rule }) => rule,
  error: ({ error }) => error,
  evaluated: ({ evaluated_at }) => evaluated_at ?? null,
};

function columnsOf(groups: Group[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(fields[field](groups[row]));
  return [
    {
      id: "name",
      header: "Group",
      width: 240,
      text: text("name"),
      cell: (row) => (
        <span className="flex min-w-0 items-center gap-1.5">
          <span className="truncate font-[550]">{groups[row].name}</span>
          {groups[row].error && <Badge tone="bad">Error</Badge>}
        </span>
      ),
    },
    { id: "kind", header: "Who is in it", width: 110, text: text("kind") },
    {
      id: "agents",
      header: "Agents",
      width: 84,
      align: "end",
      text: text("agents"),
      cell: (row) => num(groups[row].agents),
    },
    { id: "description", header: "What it is for", width: 300, text: text("description") },
    { id: "rule", header: "Rule", width: 340, mono: true, text: text("rule") },
    {
      id: "evaluated",
      header: "Looked at",
      width: 112,
      filterable: false,
      text: text("evaluated"),
      cell: (row) => <Time at={groups[row].evaluated_at} absent="by hand" />,
    },
  ];
}

/** Groups of agents, with who is in each beside the list. */
export function GroupList({
  tenant,
  groups,
  agents,
  stale,
  canManage,
  search,
  onSearch,
}: {
  tenant: string;
  groups: Listing<Group>;
  agents: Agent[];
  stale: boolean;
  canManage: boolean;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
}) {
  return (
    <RecordList
      noun={noun}
      listing={groups}
      idOf={idOf}
      columns={columnsOf}
      fields={fields}
      stale={stale}
      search={search}
      onSearch={onSearch}
      card={(group) => (
        <Card
          title={group.name}
          facts={[kindWords[group.kind], plural(group.agents, "agent"), group.description]}
        />
      )}
      peek={(id, group) =>
        group && (
          <GroupPeek
            key={id}
            tenant={tenant}
            group={group}
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

function GroupPeek({
  tenant,
  group,
  agents,
  canManage,
  onClose,
}: {
  tenant: string;
  group: Group;
  agents: Agent[];
  canManage: boolean;
  onClose: () => void;
}) {
  const members = useGroupAgents(tenant, group.id);
  const remove = useDeleteGroup(tenant);
  const [open, setOpen] = useState<"edit" | "delete" | null>(null);
  const close = () => {
    setOpen(null);
  };
  return (
    <Peek
      label="Group"
      title={group.name}
      subtitle={`${kindWords[group.kind]} · ${plural(group.agents, "agent")}`}
      onClose={onClose}
      actions={
        canManage && (
          <>
            <Button
              disabled={!members.data}
              onClick={() => {
                setOpen("edit");
              }}
            >
              <Pencil size={15} strokeWidth={1.75} aria-hidden />
              Edit
            </Button>
            <Button
              onClick={() => {
                setOpen("delete");
              }}
            >
              <Trash2 size={15} strokeWidth={1.75} aria-hidden />
              Delete
            </Button>
          </>
        )
      }
    >
      {group.description && <p className="mb-4 text-md">{group.description}</p>}
      {group.error && (
        <p role="alert" className="mb-4 text-bad-fg">
          Its rule could not be followed: {group.error}
        </p>
      )}
      {group.rule && (
        <PeekSection title="Rule">
          <CodeBlock code={group.rule} label="Rule" />
        </PeekSection>
      )}
      <PeekSection title="Agents in it">
        {members.isError ? (
          <ErrorState what="load its agents" error={members.error} retry={() => void members.refetch()} />
        ) : !members.data ? (
          <Skeleton className="h-30" />
        ) : members.data.items.length === 0 ? (
          <p className="text-fg-muted">None now.</p>
        ) : (
          <ul className="divide-y divide-border rounded-sm border border-border">
            {members.data.items.map((member) => (
              <li key={member.agent_id} className="flex items-center gap-2 px-2.5 py-1.5">
                <span className="min-w-0 flex-1 truncate">
                  <AgentLink id={member.agent_id} hostname={member.hostname} />
                </span>
                <span className="text-xs text-fg-muted">
                  since <Time at={member.since} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </PeekSection>
      {open === "edit" && (
        <GroupDialog
          tenant={tenant}
          group={group}
          members={(members.data?.items ?? []).map(({ agent_id }) => agent_id)}
          agents={agents}
          onClose={close}
        />
      )}
      {open === "delete" && (
        <ConfirmDialog
          title={`Delete ${group.name}`}
          verb="Delete"
          name={group.name}
          pending={remove.isPending}
          error={remove.error}
          onConfirm={() => {
            remove.mutate(group.id, {
              onSuccess: () => {
                notify(`Deleted ${group.name}`);
                onClose();
              },
            });
          }}
          onClose={close}
        >
          Its agents stay; what was aimed at the group reaches nobody by it.
        </ConfirmDialog>
      )}
    </Peek>
  );
}
