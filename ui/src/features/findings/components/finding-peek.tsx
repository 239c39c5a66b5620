import { Link } from "@tanstack/react-router";
import { Eye, Maximize2, X } from "lucide-react";
import { AgentLink } from "@/components/agent-link";
import { SeverityBadge } from "@/components/severity-badge";
import { ErrorState } from "@/components/states";
import { StatusBadge } from "@/components/status-badge";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/kbd";
import { Skeleton } from "@/components/ui/skeleton";
import { useHotkey } from "@/hooks/use-hotkey";
import type { Finding } from "@/lib/api/types";
import { useFinding } from "../api/get-finding";
import { FindingDetail } from "./finding-detail";

interface FindingPeekProps {
  tenant: string;
  id: string;
  /** What the list already knows, shown until the rest arrives. */
  known?: Finding;
  onClose: () => void;
  onAcknowledge?: (finding: Finding) => void;
  onOpenQuery?: (sql: string) => void;
}

/** A finding beside its list: everything about it without leaving the queue. */
export function FindingPeek({ tenant, id, known, onClose, onAcknowledge, onOpenQuery }: FindingPeekProps) {
  const finding = useFinding(tenant, id);
  const head = finding.data ?? known;
  useHotkey("escape", onClose);

  return (
    <aside
      aria-label="Finding"
      className="flex w-[420px] flex-none animate-enter flex-col border-l border-border bg-surface max-md:hidden xl:w-[480px]"
    >
      <div className="flex flex-none items-start gap-2 border-b border-border px-4 py-3">
        <div className="min-w-0 flex-1">
          {head ? (
            <>
              <div className="mb-1.5 flex items-center gap-1.5">
                <SeverityBadge severity={head.severity} />
                <StatusBadge status={head.state} />
              </div>
              <h2 className="text-lg font-semibold">{head.title}</h2>
              <p className="text-fg-muted">
                <AgentLink id={head.agent_id} hostname={head.hostname} className="font-medium" /> ·{" "}
                {head.tenant_name}
              </p>
            </>
          ) : (
            <Skeleton className="h-14" />
          )}
        </div>
        <Button variant="ghost" size="icon-small" asChild>
          <Link
            to="/t/$tenant/findings/$findingId"
            params={{ tenant, findingId: id }}
            aria-label="Open the finding's page"
          >
            <Maximize2 size={13} />
          </Link>
        </Button>
        <Button variant="ghost" size="icon-small" aria-label="Close" onClick={onClose}>
          <X size={15} />
        </Button>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-4 py-3">
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
      </div>
      {head?.state === "open" && onAcknowledge && (
        <div className="flex flex-none gap-2 border-t border-border px-4 py-2.5">
          <Button
            variant="primary"
            onClick={() => {
              onAcknowledge(head);
            }}
          >
            <Eye size={15} strokeWidth={1.75} aria-hidden />
            Acknowledge{" "}
            <Kbd keys={["A"]} className="border-transparent bg-[rgb(0_0_0/0.2)] text-on-primary" />
          </Button>
        </div>
      )}
    </aside>
  );
}
