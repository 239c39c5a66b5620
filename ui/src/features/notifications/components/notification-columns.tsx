import type { GridColumn } from "@/components/data-grid/types";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { Notification } from "@/lib/api/types";
import { textOf, type Value } from "@/lib/grid/column-store";

export const notificationFields: Record<string, (each: Notification) => Value> = {
  at: ({ created_at }) => created_at,
  subject: ({ subject }) => subject,
  rule: ({ rule }) => rule,
  channel: ({ channel }) => channel,
  kind: ({ kind }) => kind,
  status: ({ status }) => status,
  retries: ({ retry_count }) => retry_count,
  code: ({ webhook_status }) => webhook_status ?? null,
  reason: ({ reason }) => reason ?? "",
  message: ({ message_id }) => message_id ?? "",
};

export function notificationColumns(items: Notification[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(notificationFields[field](items[row]));
  return [
    {
      id: "at",
      header: "Time",
      width: 112,
      kind: "time",
      text: text("at"),
      cell: (row) => <Time at={items[row].created_at} />,
    },
    {
      id: "status",
      header: "Status",
      width: 124,
      text: text("status"),
      cell: (row) => <StatusBadge status={items[row].status} />,
    },
    {
      id: "subject",
      header: "Subject",
      width: 320,
      text: text("subject"),
      cell: (row) => <span className="truncate font-[550]">{items[row].subject}</span>,
    },
    { id: "channel", header: "Channel", width: 150, text: text("channel") },
    { id: "kind", header: "Kind", width: 96, text: text("kind") },
    { id: "rule", header: "Rule", width: 160, mono: true, text: text("rule") },
    { id: "retries", header: "Retries", width: 80, align: "end", kind: "number", text: text("retries") },
    {
      id: "code",
      header: "HTTP",
      width: 70,
      align: "end",
      kind: "number",
      text: (row) => {
        const code = items[row].webhook_status;
        return code ? String(code) : null;
      },
    },
    { id: "reason", header: "Reason", width: 260, text: text("reason") },
    { id: "message", header: "Message id", width: 220, mono: true, text: text("message") },
  ];
}
