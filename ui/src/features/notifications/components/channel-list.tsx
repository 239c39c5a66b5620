import { KeyRound, Pencil, Send, Trash2 } from "lucide-react";
import { useState } from "react";
import { ConfirmDialog } from "@/components/confirm-dialog";
import type { GridColumn } from "@/components/data-grid/types";
import { Fact } from "@/components/panel";
import { Peek } from "@/components/peek";
import { Card } from "@/components/record-list/card-list";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import { SecretOnce } from "@/components/secret-once";
import { SeverityBadge } from "@/components/severity-badge";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import type { Listing } from "@/lib/api/client";
import { explain } from "@/lib/api/problem";
import type { Channel } from "@/lib/api/types";
import { textOf, type Value } from "@/lib/grid/column-store";
import { notify } from "@/lib/toasts";
import { useDeleteChannel, useRotateKey, useTestChannel } from "../api/channels";
import { kindLabel } from "../channel-kinds";

const noun = { one: "channel", many: "channels" };
const idOf = ({ id }: Channel) => id;

/** Where a channel leads, in a line; its secret is no part of it. */
function goalOf({ config, secret_hint }: Channel): string {
  const parts = [(config.to ?? []).join(", "), config.url, config.chat_id, config.project].filter(Boolean);
  return parts.join(" ") || (secret_hint ? `address ending in ${secret_hint}` : "");
}

const fields: Record<string, (channel: Channel) => Value> = {
  name: ({ name }) => name,
  kind: ({ kind }) => kindLabel(kind),
  goal: goalOf,
  severity: ({ min_severity }) => min_severity,
  all: ({ all_alerts }) => (all_alerts ? "Every alert" : "Rules that name it"),
  class: (channel) => channel.class,
  enabled: ({ enabled }) => (enabled ? "on" : "off"),
};

function columnsOf(channels: Channel[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(fields[field](channels[row]));
  return [
    {
      id: "name",
      header: "Channel",
      width: 200,
      text: text("name"),
      cell: (row) => <span className="truncate font-[550]">{channels[row].name}</span>,
    },
    { id: "kind", header: "Kind", width: 130, text: text("kind") },
    { id: "goal", header: "To", width: 320, text: text("goal") },
    {
      id: "severity",
      header: "From",
      width: 104,
      text: text("severity"),
      cell: (row) => <SeverityBadge severity={channels[row].min_severity} />,
    },
    { id: "all", header: "Hears of", width: 160, text: text("all") },
    { id: "class", header: "May hold", width: 110, text: text("class") },
    {
      id: "enabled",
      header: "State",
      width: 90,
      text: text("enabled"),
      cell: (row) => <StatusBadge status={channels[row].enabled ? "on" : "off"} />,
    },
  ];
}

/** Whom alerts are told to. */
export function ChannelList({
  tenant,
  channels,
  stale,
  search,
  onSearch,
  onEdit,
}: {
  tenant: string;
  channels: Listing<Channel>;
  stale: boolean;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
  /** Absent when the person may not change channels. */
  onEdit?: (channel: Channel) => void;
}) {
  return (
    <RecordList
      noun={noun}
      listing={channels}
      idOf={idOf}
      columns={columnsOf}
      fields={fields}
      stale={stale}
      search={search}
      onSearch={onSearch}
      card={(channel) => (
        <Card
          title={channel.name}
          badge={<StatusBadge status={channel.enabled ? "on" : "off"} />}
          facts={[kindLabel(channel.kind), goalOf(channel)]}
        />
      )}
      peek={(id, channel) =>
        channel && (
          <ChannelPeek
            key={id}
            tenant={tenant}
            channel={channel}
            onEdit={onEdit}
            onClose={() => {
              onSearch({ sel: undefined });
            }}
          />
        )
      }
    />
  );
}

function ChannelPeek({
  tenant,
  channel,
  onEdit,
  onClose,
}: {
  tenant: string;
  channel: Channel;
  onEdit?: (channel: Channel) => void;
  onClose: () => void;
}) {
  const test = useTestChannel(tenant);
  const rotate = useRotateKey(tenant);
  const remove = useDeleteChannel(tenant);
  const [deleting, setDeleting] = useState(false);
  const badly = (what: string) => (error: unknown) => {
    notify(`Could not ${what}. ${explain(error)}`, "bad");
  };
  return (
    <Peek
      label="Channel"
      title={channel.name}
      subtitle={kindLabel(channel.kind)}
      badges={<StatusBadge status={channel.enabled ? "on" : "off"} />}
      onClose={onClose}
      actions={
        onEdit && (
          <>
            <Button
              variant="primary"
              disabled={test.isPending}
              onClick={() => {
                test.mutate(channel.id, { onError: badly("send a test") });
              }}
            >
              <Send size={15} strokeWidth={1.75} aria-hidden />
              Send a test
            </Button>
            <Button
              onClick={() => {
                onEdit(channel);
              }}
            >
              <Pencil size={15} strokeWidth={1.75} aria-hidden />
              Edit
            </Button>
            {channel.kind === "webhook" && (
              <Button
                disabled={rotate.isPending}
                onClick={() => {
                  rotate.mutate(channel.id, { onError: badly("make a new key") });
                }}
              >
                <KeyRound size={15} strokeWidth={1.75} aria-hidden />
                New key
              </Button>
            )}
            <Button
              onClick={() => {
                setDeleting(true);
              }}
            >
              <Trash2 size={15} strokeWidth={1.75} aria-hidden />
              Delete
            </Button>
          </>
        )
      }
    >
      {test.data && (
        <p role="status" className="mb-4 flex flex-wrap items-center gap-2">
          The test: <StatusBadge status={test.data.status} />
          {test.data.reason}
        </p>
      )}
      <dl className="-mx-3.5 border-b border-border">
        <Fact name="To">
          <span className="break-all">{goalOf(channel)}</span>
        </Fact>
        <Fact name="From">
          <SeverityBadge severity={channel.min_severity} />
        </Fact>
        <Fact name="Hears of">{channel.all_alerts ? "Every alert" : "Rules that name it"}</Fact>
        <Fact name="May hold">{channel.class}</Fact>
        {channel.secret_hint && (
          <Fact name="Secret">
            <span>
              ends in <span className="font-mono">{channel.secret_hint}</span>, set{" "}
              <Time at={channel.secret_at} />
            </span>
          </Fact>
        )}
      </dl>
      {rotate.data?.signing_key && (
        <SecretOnce
          title={`The new signing key of ${channel.name}`}
          explanation="The old one signs beside it for a day. The new one shows only now."
          label="Signing key"
          secret={rotate.data.signing_key}
          onClose={() => {
            rotate.reset();
          }}
        />
      )}
      {deleting && (
        <ConfirmDialog
          title={`Delete ${channel.name}`}
          verb="Delete"
          name={channel.name}
          pending={remove.isPending}
          error={remove.error}
          onConfirm={() => {
            remove.mutate(channel.id, {
              onSuccess: () => {
                notify(`Deleted ${channel.name}`);
                onClose();
              },
            });
          }}
          onClose={() => {
            setDeleting(false);
          }}
        >
          Nothing is sent by it any more, also not what waits to be tried again. Rules that name it tell the
          others.
        </ConfirmDialog>
      )}
    </Peek>
  );
}
