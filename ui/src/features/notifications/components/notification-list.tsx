import { RotateCw } from "lucide-react";
import { CodeBlock } from "@/components/code-block";
import { Fact } from "@/components/panel";
import { Peek, PeekSection } from "@/components/peek";
import { Card } from "@/components/record-list/card-list";
import type { RecordFacet } from "@/components/record-list/record-facets";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import { ErrorState } from "@/components/states";
import { isStatus, StatusBadge, statuses } from "@/components/status-badge";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import type { Listing } from "@/lib/api/client";
import type { Notification } from "@/lib/api/types";
import { useNotification } from "../api/notifications";
import { notificationColumns, notificationFields } from "./notification-columns";

const noun = { one: "notification", many: "notifications" };
const idOf = ({ id }: Notification) => id;
const facets: RecordFacet<Notification>[] = [
  {
    column: "status",
    title: "Status",
    of: ({ status }) => status,
    label: (status) => (isStatus(status) ? statuses[status].word : status),
  },
  { column: "channel", title: "Channel", of: ({ channel }) => channel },
  { column: "rule", title: "Rule", of: ({ rule }) => rule },
];

/** Did it reach someone? Each try with what became of it. */
export function NotificationList({
  tenant,
  notifications,
  stale,
  search,
  onSearch,
  onReplay,
}: {
  tenant: string;
  notifications: Listing<Notification>;
  stale: boolean;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
  /** Absent when the person may not send anything. */
  onReplay?: (notification: Notification) => void;
}) {
  return (
    <RecordList
      noun={noun}
      listing={notifications}
      idOf={idOf}
      columns={notificationColumns}
      fields={notificationFields}
      facets={facets}
      stale={stale}
      search={search}
      onSearch={onSearch}
      card={(each) => (
        <Card
          title={each.subject}
          badge={<StatusBadge status={each.status} />}
          facts={[each.channel, <Time key="at" at={each.created_at} />, each.reason]}
        />
      )}
      peek={(id, each) =>
        each && (
          <NotificationPeek
            key={id}
            tenant={tenant}
            notification={each}
            onReplay={onReplay}
            onClose={() => {
              onSearch({ sel: undefined });
            }}
          />
        )
      }
    />
  );
}

function NotificationPeek({
  tenant,
  notification,
  onReplay,
  onClose,
}: {
  tenant: string;
  notification: Notification;
  onReplay?: (notification: Notification) => void;
  onClose: () => void;
}) {
  const detail = useNotification(tenant, notification.id);
  return (
    <Peek
      label="Notification"
      title={notification.subject}
      badges={<StatusBadge status={notification.status} />}
      subtitle={`${notification.channel} · ${notification.kind}`}
      onClose={onClose}
      actions={
        onReplay &&
        notification.channel_id && (
          <Button
            onClick={() => {
              onReplay(notification);
            }}
          >
            <RotateCw size={15} strokeWidth={1.75} aria-hidden />
            Send again
          </Button>
        )
      }
    >
      <dl className="-mx-3.5 mb-4 border-b border-border">
        <Fact name="Rule">{notification.rule}</Fact>
        <Fact name="Made">
          <Time at={notification.created_at} />
        </Fact>
        <Fact name="Sent">
          <Time at={notification.sent_at} />
        </Fact>
        <Fact name="Retries">{notification.retry_count}</Fact>
        <Fact name="HTTP status">{notification.webhook_status ?? "none"}</Fact>
        <Fact name="Message id">
          <span className="font-mono text-xs break-all">{notification.message_id ?? "none"}</span>
        </Fact>
        <Fact name="Body's SHA-256">
          <span className="font-mono text-xs break-all">{notification.body_sha256 || "none"}</span>
        </Fact>
        {notification.reason && <Fact name="Reason">{notification.reason}</Fact>}
      </dl>
      <PeekSection title="Body">
        {detail.data ? (
          <CodeBlock code={detail.data.body} label="Body" />
        ) : detail.isError ? (
          <ErrorState what="load the body" error={detail.error} retry={() => void detail.refetch()} />
        ) : (
          <Skeleton className="h-40" />
        )}
      </PeekSection>
    </Peek>
  );
}
