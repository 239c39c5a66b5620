import { Check, X } from "lucide-react";
import { useState } from "react";
import { AgentLink } from "@/components/agent-link";
import { Badge, type Tone } from "@/components/badge";
import type { GridColumn } from "@/components/data-grid/types";
import { FormDialog } from "@/components/form-dialog";
import { Fact } from "@/components/panel";
import { Peek } from "@/components/peek";
import { Card } from "@/components/record-list/card-list";
import type { RecordFacet } from "@/components/record-list/record-facets";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import { TextAreaField } from "@/components/field";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import type { Listing } from "@/lib/api/client";
import { explain } from "@/lib/api/problem";
import type { Waiver } from "@/lib/api/types";
import type { Sort } from "@/lib/grid/filter";
import { textOf, type Value } from "@/lib/grid/column-store";
import { notify } from "@/lib/toasts";
import { useApproveWaiver, useEndWaiver } from "../api/waivers";

const noun = { one: "waiver", many: "waivers" };
const idOf = ({ id }: Waiver) => id;
const soonest: Sort = { column: "expires", descending: false };

export const waiverStates: Record<Waiver["state"], { word: string; tone: Tone }> = {
  requested: { word: "Asked for", tone: "wait" },
  holds: { word: "Holds", tone: "warn" },
  refused: { word: "Refused", tone: "bad" },
  ended: { word: "Ended", tone: "off" },
};

function scopeOf({ hostname, agent_id, tag }: Waiver): string {
  if (agent_id) return hostname ?? agent_id;
  return tag ? `Tag ${tag}` : "All agents";
}

const fields: Record<string, (waiver: Waiver) => Value> = {
  state: ({ state }) => waiverStates[state].word,
  title: ({ title }) => title,
  scope: scopeOf,
  reason: ({ reason }) => reason,
  expires: ({ expires_at }) => expires_at,
  requester: ({ requester }) => requester,
  approver: ({ approver }) => approver ?? "",
  tenant: ({ tenant_name }) => tenant_name,
  check: ({ check }) => check,
};
const facets: RecordFacet<Waiver>[] = [
  { column: "tenant", title: "Tenant", of: ({ tenant_name }) => tenant_name },
  { column: "requester", title: "Asked by", of: ({ requester }) => requester },
];

function StateBadge({ waiver }: { waiver: Waiver }) {
  const { word, tone } = waiverStates[waiver.state];
  return <Badge tone={tone}>{word}</Badge>;
}

function columnsOf(waivers: Waiver[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(fields[field](waivers[row]));
  return [
    {
      id: "state",
      header: "State",
      width: 104,
      text: text("state"),
      cell: (row) => <StateBadge waiver={waivers[row]} />,
    },
    {
      id: "title",
      header: "Check",
      width: 300,
      text: text("title"),
      cell: (row) => <span className="truncate font-[550]">{waivers[row].title}</span>,
    },
    { id: "scope", header: "Where", width: 160, text: text("scope") },
    {
      id: "expires",
      header: "Expires",
      width: 112,
      filterable: false,
      text: text("expires"),
      cell: (row) => <Time at={waivers[row].expires_at} />,
    },
    { id: "reason", header: "Reason", width: 320, text: text("reason") },
    { id: "requester", header: "Asked by", width: 190, text: text("requester") },
    { id: "approver", header: "Approved by", width: 190, text: text("approver") },
    { id: "tenant", header: "Tenant", width: 150, text: text("tenant") },
    { id: "check", header: "Name", width: 200, mono: true, text: text("check") },
  ];
}

/** Accepted failures, those first that expire soonest. */
export function WaiverList({
  tenant,
  waivers,
  stale,
  canManage,
  me,
  search,
  onSearch,
}: {
  tenant: string;
  waivers: Listing<Waiver>;
  stale: boolean;
  canManage: boolean;
  /** Address of who looks: nobody approves what they asked for. */
  me: string;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
}) {
  return (
    <RecordList
      noun={noun}
      listing={waivers}
      idOf={idOf}
      columns={columnsOf}
      fields={fields}
      defaultSort={soonest}
      facets={facets}
      stale={stale}
      search={search}
      onSearch={onSearch}
      card={(waiver) => (
        <Card
          title={waiver.title}
          badge={<StateBadge waiver={waiver} />}
          facts={[scopeOf(waiver), <Time key="at" at={waiver.expires_at} />, waiver.reason]}
        />
      )}
      peek={(id, waiver) =>
        waiver && (
          <WaiverPeek
            key={id}
            tenant={tenant}
            waiver={waiver}
            canManage={canManage}
            me={me}
            onClose={() => {
              onSearch({ sel: undefined });
            }}
          />
        )
      }
    />
  );
}

function WaiverPeek({
  tenant,
  waiver,
  canManage,
  me,
  onClose,
}: {
  tenant: string;
  waiver: Waiver;
  canManage: boolean;
  me: string;
  onClose: () => void;
}) {
  const approve = useApproveWaiver(tenant);
  const [ending, setEnding] = useState(false);
  const asked = waiver.state === "requested";
  const own = waiver.requester === me;
  return (
    <Peek
      label="Waiver"
      title={waiver.title}
      subtitle={`${scopeOf(waiver)} · ${waiver.tenant_name}`}
      badges={<StateBadge waiver={waiver} />}
      onClose={onClose}
      actions={
        canManage &&
        (asked || waiver.state === "holds") && (
          <>
            {asked && !own && (
              <Button
                variant="primary"
                disabled={approve.isPending}
                onClick={() => {
                  approve.mutate(waiver, {
                    onSuccess: () => {
                      notify(`Approved the waiver of ${waiver.title}`);
                    },
                    onError: (error) => {
                      notify(`Could not approve it. ${explain(error)}`, "bad");
                    },
                  });
                }}
              >
                <Check size={15} strokeWidth={1.75} aria-hidden />
                Approve
              </Button>
            )}
            <Button
              onClick={() => {
                setEnding(true);
              }}
            >
              <X size={15} strokeWidth={1.75} aria-hidden />
              {asked ? (own ? "Take back" : "Refuse") : "End"}
            </Button>
            {asked && own && (
              <p className="basis-full text-xs text-fg-muted">
                You asked for it, so somebody else approves it.
              </p>
            )}
          </>
        )
      }
    >
      <p className="mb-4 text-md">{waiver.reason}</p>
      <dl className="-mx-3.5 border-b border-border">
        <Fact name="Check">
          <span className="font-mono text-xs">{waiver.check}</span>
        </Fact>
        <Fact name="Where">
          {waiver.agent_id ? (
            <AgentLink id={waiver.agent_id} hostname={waiver.hostname ?? waiver.agent_id} />
          ) : (
            scopeOf(waiver)
          )}
        </Fact>
        <Fact name="Asked by">{waiver.requester}</Fact>
        <Fact name="Asked">
          <Time at={waiver.created_at} />
        </Fact>
        <Fact name="Approved by">
          {waiver.approver ?? <span className="text-fg-subtle">nobody yet</span>}
        </Fact>
        <Fact name="Expires">
          <Time at={waiver.expires_at} />
        </Fact>
        {waiver.ended_at && (
          <Fact name={waiver.state === "refused" ? "Refused" : "Ended"}>
            <Time at={waiver.ended_at} />
            {waiver.ended_by && ` by ${waiver.ended_by}`}
          </Fact>
        )}
        {waiver.end_reason && <Fact name="Because">{waiver.end_reason}</Fact>}
      </dl>
      {ending && (
        <EndDialog
          tenant={tenant}
          waiver={waiver}
          verb={asked ? (own ? "Take back" : "Refuse") : "End"}
          onClose={() => {
            setEnding(false);
          }}
        />
      )}
    </Peek>
  );
}

function EndDialog({
  tenant,
  waiver,
  verb,
  onClose,
}: {
  tenant: string;
  waiver: Waiver;
  verb: string;
  onClose: () => void;
}) {
  const end = useEndWaiver(tenant);
  return (
    <FormDialog
      title={`${verb} the waiver of ${waiver.title}`}
      description="The failure counts from then on."
      verb={verb}
      danger
      pending={end.isPending}
      error={end.error}
      onSubmit={(form) => {
        end.mutate(
          { waiver, reason: String(form.get("reason")).trim() },
          {
            onSuccess: () => {
              notify(`${verb}: the waiver of ${waiver.title}`);
              onClose();
            },
          },
        );
      }}
      onClose={onClose}
    >
      <TextAreaField label="Reason" name="reason" hint="It stands beside the waiver." />
    </FormDialog>
  );
}
