import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Tooltip } from "@/components/ui/tooltip";
import { tenantScope } from "@/lib/api/tenant-scope";
import { cn } from "@/lib/cn";
import { followEvents, type Connection } from "./console-events";

/** Seconds without a stream after which the page says that its data may be old. */
const patience = 5;

/** Follows the tenant's events and says whether the page is live. */
export function LiveIndicator({ tenant }: { tenant: string }) {
  const queries = useQueryClient();
  const [connection, setConnection] = useState<Connection>({ state: "connecting" });
  const [now, setNow] = useState(() => Date.now());

  useEffect(() => {
    const ended = new AbortController();
    const scope = new URLSearchParams(
      Object.entries(tenantScope(tenant)).map(([name, value]) => [name, String(value)]),
    );
    void followEvents(tenant, `/api/v1/events?${scope}`, queries, setConnection, ended.signal);
    return () => {
      ended.abort();
    };
  }, [tenant, queries]);

  const waiting = connection.state === "waiting";
  useEffect(() => {
    if (!waiting) return;
    const timer = setInterval(() => {
      setNow(Date.now());
    }, 1000);
    return () => {
      clearInterval(timer);
    };
  }, [waiting]);

  const lost = waiting && now - connection.since > patience * 1000;
  const word =
    connection.state === "live" ? "Live" : waiting ? (lost ? "Offline" : "Reconnecting") : "Connecting";
  return (
    <Tooltip
      content={
        waiting
          ? `The stream of changes is lost; trying again in ${Math.max(1, Math.ceil((connection.retryAt - now) / 1000))} s. What you see may be old.`
          : "Changes arrive by themselves."
      }
    >
      <span
        role="status"
        // It explains itself on hover, so it has to be reachable by keyboard as well.
        tabIndex={0}
        className="inline-flex items-center gap-1.5 rounded-xs px-1.5 text-xs text-fg-muted"
      >
        <span
          aria-hidden
          className={cn(
            "size-[7px] rounded-full",
            connection.state === "live" && "bg-ok shadow-[0_0_0_3px_var(--ok-bg)]",
            connection.state === "connecting" && "bg-off",
            waiting && "bg-warn shadow-[0_0_0_3px_var(--warn-bg)]",
          )}
        />
        {word}
      </span>
    </Tooltip>
  );
}
