import { Link } from "@tanstack/react-router";
import { AlarmClockOff, CircleCheck, Eye, RotateCcw } from "lucide-react";
import { AgentLink } from "@/components/agent-link";
import { Badge } from "@/components/badge";
import { Peek, PeekSection } from "@/components/peek";
import { SeverityBadge } from "@/components/severity-badge";
import { ErrorState } from "@/components/states";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { Skeleton } from "@/components/ui/skeleton";
import type { Alert } from "@/lib/api/types";
import { useAlert, type AlertMove } from "../api/alerts";

const snoozes = [
  { minutes: 60, label: "an hour" },
  { minutes: 8 * 60, label: "8 hours" },
  { minutes: 24 * 60, label: "a day" },
  { minutes: 7 * 24 * 60, label: "a week" },
];

/** An alert beside its list: on what it stands, what happened to it, and what one does about it. */
export function AlertPeek({
  tenant,
  id,
  known,
  onMove,
  onClose,
}: {
  tenant: string;
  id: string;
  known: Alert | undefined;
  /** Absent when the person may not change alerts. */
  onMove?: (alert: Alert, move: AlertMove) => void;
  onClose: () => void;
}) {
  const alert = useAlert(tenant, id);
  const head = alert.data ?? known;
  return (
    <Peek
      label="Alert"
      title={head?.title ?? <Skeleton className="h-6" />}
      badges={
        head && (
          <>
            <SeverityBadge severity={head.severity} />
            <StatusBadge status={head.state} />
            {head.flapping && <Badge tone="warn">Flapping</Badge>}
          </>
        )
      }
      subtitle={head && `${head.rule} · ${head.tenant_name}`}
      onClose={onClose}
      actions={head && onMove && <Moves alert={head} onMove={onMove} />}
    >
      {head?.message && <p className="mb-4 text-md">{head.message}</p>}
      {head?.state === "snoozed" && (
        <p className="mb-4 text-fg-muted">
          Snoozed until <Time at={head.snoozed_until} />.
        </p>
      )}
      {alert.data ? (
        <>
          <PeekSection title="Findings">
            <ul className="divide-y divide-border rounded-sm border border-border">
              {(alert.data.findings ?? []).map((finding) => (
                <li key={finding.finding_id} className="px-2.5 py-1.5">
                  <div className="flex items-center gap-2">
                    <span className="min-w-0 flex-1 truncate">
                      <AgentLink id={finding.agent_id} hostname={finding.hostname} />
                    </span>
                    <Link
                      to="/t/$tenant/findings/$findingId"
                      params={{ tenant, findingId: finding.finding_id }}
                      className="text-primary-text hover:underline"
                    >
                      Rows
                    </Link>
                    <StatusBadge status={finding.firing ? "open" : "resolved"} />
                  </div>
                  {finding.message && <p className="text-xs text-fg-muted">{finding.message}</p>}
                </li>
              ))}
            </ul>
          </PeekSection>
          <PeekSection title="History">
            <ol className="flex flex-col gap-1.5">
              {(alert.data.history ?? []).map((entry, index) => (
                <li key={index} className="flex gap-2">
                  <span className="w-20 flex-none text-xs text-fg-muted">
                    <Time at={entry.at} />
                  </span>
                  <span className="min-w-0 flex-1">
                    {entry.event} <span className="text-fg-muted">by {entry.actor}</span>
                    {entry.reason && <span className="block text-xs text-fg-muted">{entry.reason}</span>}
                  </span>
                </li>
              ))}
            </ol>
          </PeekSection>
        </>
      ) : alert.isError ? (
        <ErrorState what="load the alert" error={alert.error} retry={() => void alert.refetch()} />
      ) : (
        <div role="status">
          <span className="sr-only">Loading the alert</span>
          <Skeleton className="h-40" />
        </div>
      )}
    </Peek>
  );
}

function Moves({ alert, onMove }: { alert: Alert; onMove: (alert: Alert, move: AlertMove) => void }) {
  const button = (move: "acknowledge" | "resolve" | "reopen", label: string, Icon: typeof Eye) => (
    <Button
      variant={move === "acknowledge" ? "primary" : "default"}
      onClick={() => {
        onMove(alert, { move });
      }}
    >
      <Icon size={15} strokeWidth={1.75} aria-hidden />
      {label}
    </Button>
  );
  if (alert.state === "resolved") return button("reopen", "Reopen", RotateCcw);
  return (
    <>
      {alert.state === "open" && button("acknowledge", "Acknowledge", Eye)}
      {alert.state === "snoozed" ? (
        button("reopen", "Wake", RotateCcw)
      ) : (
        <DropdownMenu>
          <DropdownMenuTrigger asChild>
            <Button>
              <AlarmClockOff size={15} strokeWidth={1.75} aria-hidden />
              Snooze
            </Button>
          </DropdownMenuTrigger>
          <DropdownMenuContent side="top" align="start">
            {snoozes.map(({ minutes, label }) => (
              <DropdownMenuItem
                key={minutes}
                onSelect={() => {
                  onMove(alert, { move: "snooze", minutes });
                }}
              >
                For {label}
              </DropdownMenuItem>
            ))}
          </DropdownMenuContent>
        </DropdownMenu>
      )}
      {button("resolve", "Resolve", CircleCheck)}
    </>
  );
}
