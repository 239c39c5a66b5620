import { Link } from "@tanstack/react-router";
import { Bell as BellIcon, CheckCheck } from "lucide-react";
import { useState } from "react";
import { SeverityBadge } from "@/components/severity-badge";
import { ErrorState } from "@/components/states";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { Popover, PopoverContent, PopoverTrigger } from "@/components/ui/popover";
import { Skeleton } from "@/components/ui/skeleton";
import { explain } from "@/lib/api/problem";
import { num } from "@/lib/format";
import { notify } from "@/lib/toasts";
import { useInbox, useReadInbox } from "../api/inbox";
import { groupByRule } from "../group-by-rule";

/** Notices of a rule that show; its page has the others. */
const shownOfRule = 3;
const words: Record<string, string> = {
  opened: "Opened",
  resolved: "Resolved",
  escalated: "Escalated",
  reminder: "Still open",
};

/** The alerts that are for one, grouped by rule, with how many one has not read. */
export function Bell({ tenant }: { tenant: string }) {
  const inbox = useInbox(tenant);
  const read = useReadInbox(tenant);
  const [open, setOpen] = useState(false);
  const unread = inbox.data?.unread ?? 0;
  const items = inbox.data?.items ?? [];
  const newest = items.at(0);
  const close = () => {
    setOpen(false);
  };
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <Button
          variant="ghost"
          size="icon"
          aria-label={unread === 0 ? "Alerts for you" : `Alerts for you, ${num(unread)} not read`}
          className="relative"
        >
          <BellIcon size={15} strokeWidth={1.75} />
          {unread > 0 && (
            <span
              aria-hidden
              className="absolute top-0 right-0 min-w-3.5 rounded-full bg-critical-solid px-1 text-center text-[9px]/[14px] font-semibold text-on-critical tnum"
            >
              {unread > 99 ? "99+" : unread}
            </span>
          )}
        </Button>
      </PopoverTrigger>
      <PopoverContent
        align="end"
        aria-label="Alerts for you"
        className="flex max-h-[70vh] w-[min(400px,calc(100vw-16px))] flex-col"
      >
        <div className="flex min-h-10 flex-none items-center gap-2 border-b border-border px-3">
          <h2 className="flex-1 font-semibold">Alerts for you</h2>
          {newest && unread > 0 && (
            <Button
              size="small"
              disabled={read.isPending}
              onClick={() => {
                read.mutate(newest.id, {
                  onError: (error) => {
                    notify(`Could not mark them as read. ${explain(error)}`, "bad");
                  },
                });
              }}
            >
              <CheckCheck size={13} aria-hidden />
              All read
            </Button>
          )}
        </div>
        <div className="min-h-0 overflow-y-auto">
          {inbox.isError ? (
            <ErrorState what="load your alerts" error={inbox.error} retry={() => void inbox.refetch()} />
          ) : !inbox.data ? (
            <div role="status" className="p-3">
              <span className="sr-only">Loading your alerts</span>
              <Skeleton className="h-24" />
            </div>
          ) : items.length === 0 ? (
            <p className="px-3 py-6 text-center text-fg-muted">Nothing yet. Rules that fire show here.</p>
          ) : (
            groupByRule(items).map((group) => (
              <section key={group.rule} aria-label={group.rule} className="border-b border-border py-1.5">
                <h3 className="flex items-center gap-2 px-3 pb-0.5 text-2xs font-medium text-fg-subtle">
                  <span className="min-w-0 flex-1 truncate font-mono">{group.rule}</span>
                  {group.unread > 0 && <span className="tnum">{num(group.unread)} not read</span>}
                </h3>
                <ul>
                  {group.items.slice(0, shownOfRule).map((item) => (
                    <li key={item.id}>
                      <Link
                        to="/t/$tenant/alerts"
                        params={{ tenant }}
                        search={{
                          sel: item.alert_id,
                          state: item.notice === "resolved" ? "resolved" : undefined,
                        }}
                        onClick={close}
                        className="focus-inset flex flex-col gap-1 px-3 py-1.5 hover:bg-hover"
                      >
                        <span className={item.read ? "text-fg-muted" : "font-[550]"}>
                          {!item.read && <span className="sr-only">Not read: </span>}
                          {item.subject}
                        </span>
                        <span className="flex items-center gap-2 text-xs text-fg-muted">
                          <SeverityBadge severity={item.severity} />
                          {words[item.notice] ?? item.notice} <Time at={item.created_at} />
                        </span>
                      </Link>
                    </li>
                  ))}
                </ul>
                {group.items.length > shownOfRule && (
                  <p className="px-3 pt-0.5 text-2xs text-fg-subtle">
                    {num(group.items.length - shownOfRule)} more of this rule
                  </p>
                )}
              </section>
            ))
          )}
        </div>
        <div className="flex flex-none gap-3 px-3 py-2 text-xs">
          <Link
            to="/t/$tenant/alerts"
            params={{ tenant }}
            onClick={close}
            className="text-primary-text underline-offset-2 hover:underline"
          >
            All alerts
          </Link>
          <Link
            to="/t/$tenant/notifications"
            params={{ tenant }}
            onClick={close}
            className="text-primary-text underline-offset-2 hover:underline"
          >
            What was sent
          </Link>
        </div>
      </PopoverContent>
    </Popover>
  );
}
