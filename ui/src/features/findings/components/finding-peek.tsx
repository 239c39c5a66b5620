import { Link } from "@tanstack/react-router";
import { Eye, Maximize2, RotateCcw } from "lucide-react";
import { AgentLink } from "@/components/agent-link";
import { Peek } from "@/components/peek";
import { SeverityBadge } from "@/components/severity-badge";
import { ErrorState } from "@/components/states";
import { StatusBadge } from "@/components/status-badge";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/kbd";
import { Skeleton } from "@/components/ui/skeleton";
import type { Finding } from "@/lib/api/types";
import { useFinding } from "../api/get-finding";
import { FindingDetail } from "./finding-detail";

interface FindingPeekProps {
  tenant: string;
  id: string;
  /** What the list already knows, shown until the rest arrives. */
  known?: Finding;
  onClose: () => void;
  /** Absent when the person may not change findings. */
  onTurn?: (finding: Finding, to: "acknowledged" | "open") => void;
  onOpenQuery?: (sql: string) => void;
}

/** A finding beside its list: everything about it without leaving the queue. */
export function FindingPeek({ tenant, id, known, onClose, onTurn, onOpenQuery }: FindingPeekProps) {
  const finding = useFinding(tenant, id);
  const head = finding.data ?? known;

  return (
    <Peek
      label="Finding"
      onClose={onClose}
      title={head?.title ?? <Skeleton className="h-6" />}
      badges={
        head && (
          <>
            <SeverityBadge severity={head.severity} />
            <StatusBadge status={head.state} />
          </>
        )
      }
      subtitle={
        head && (
          <>
            <AgentLink id={head.agent_id} hostname={head.hostname} className="font-medium" /> ·{" "}
            {head.tenant_name}
          </>
        )
      }
      links={
        <Button variant="ghost" size="icon-small" asChild>
          <Link
            to="/t/$tenant/findings/$findingId"
            params={{ tenant, findingId: id }}
            aria-label="Open the finding's page"
          >
            <Maximize2 size={13} />
          </Link>
        </Button>
      }
      actions={
        head &&
        onTurn &&
        (head.state === "open" ? (
          <Button
            variant="primary"
            onClick={() => {
              onTurn(head, "acknowledged");
            }}
          >
            <Eye size={15} strokeWidth={1.75} aria-hidden />
            Acknowledge{" "}
            <Kbd keys={["A"]} className="border-transparent bg-[rgb(0_0_0/0.2)] text-on-primary" />
          </Button>
        ) : (
          head.state === "acknowledged" && (
            <Button
              onClick={() => {
                onTurn(head, "open");
              }}
            >
              <RotateCcw size={15} strokeWidth={1.75} aria-hidden />
              Reopen
            </Button>
          )
        ))
      }
    >
      {finding.data ? (
        <FindingDetail heading="h3" finding={finding.data} onOpenQuery={onOpenQuery} />
      ) : finding.isError ? (
        <ErrorState what="load the finding" error={finding.error} retry={() => void finding.refetch()} />
      ) : (
        <div role="status" className="flex flex-col gap-3">
          <span className="sr-only">Loading the finding</span>
          <Skeleton className="h-5" />
          <Skeleton className="h-36" />
          <Skeleton className="h-16" />
        </div>
      )}
    </Peek>
  );
}
