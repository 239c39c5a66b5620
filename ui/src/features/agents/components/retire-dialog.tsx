import { useState } from "react";
import { ConfirmDialog } from "@/components/confirm-dialog";
import type { Agent } from "@/lib/api/types";
import { runBulk, type BulkProgress } from "@/lib/bulk-run";
import { explain } from "@/lib/api/problem";
import { num, plural } from "@/lib/format";
import { notify } from "@/lib/toasts";

/** Retires many agents: confirmed by their number, with how far it is and why one could not be. */
export function RetireDialog({
  agents,
  onRetire,
  onClose,
}: {
  agents: Agent[];
  onRetire: (agent: Agent) => Promise<unknown>;
  onClose: () => void;
}) {
  const [progress, setProgress] = useState<BulkProgress<Agent> | null>(null);
  const what = plural(agents.length, "agent");
  const remaining = progress?.failed.map(({ item }) => item) ?? agents;
  const retire = async () => {
    const { done, failed } = await runBulk(remaining, onRetire, setProgress);
    if (failed.length > 0) return;
    notify(`Retired ${plural(done.length, "agent")}`);
    onClose();
  };
  const [first] = progress && !progress.running ? progress.failed : [];
  return (
    <ConfirmDialog
      title={`Retire ${what}`}
      verb={`Retire ${plural(remaining.length, "agent")}`}
      name={what}
      pending={progress?.running ?? false}
      error={null}
      onConfirm={() => void retire()}
      onClose={onClose}
    >
      <p>
        The endpoints are gone for good: their requests are refused from now on, and lists leave them out.
        This cannot be undone; their rows stay in history.
      </p>
      <p className="mt-2 break-words text-fg">
        {agents
          .slice(0, 10)
          .map(({ hostname }) => hostname)
          .join(", ")}
        {agents.length > 10 && ` and ${num(agents.length - 10)} more`}
      </p>
      {progress && (
        <p role="status" className="mt-2 tnum">
          {num(progress.done.length)} of {num(progress.total)} retired
          {first && (
            <span className="text-bad-fg">
              ; {num(progress.failed.length)} failed: {first.item.hostname}: {explain(first.error)}
            </span>
          )}
        </p>
      )}
    </ConfirmDialog>
  );
}
