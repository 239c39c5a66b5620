import type { LiveQueryCounts } from "@/lib/api/types";
import { outcomes, type Outcome } from "../results/events";

const colours: Record<Outcome, string> = {
  with_rows: "bg-ok",
  no_rows: "bg-off",
  failed: "bg-bad",
  timed_out: "bg-warn",
  running: "bg-primary-line",
  waiting: "bg-wait-bg",
  offline: "bg-sunken",
  refused: "bg-bad",
};

/** How far the run is, in the ledger's colours. Its numbers stand in the ledger, so it says nothing itself. */
export function OutcomeBar({ counts }: { counts: LiveQueryCounts | null }) {
  return (
    <div aria-hidden className="flex h-[3px] flex-none gap-px bg-sunken">
      {counts &&
        counts.targets > 0 &&
        outcomes.map((outcome) => (
          <i
            key={outcome}
            className={colours[outcome]}
            style={{ width: `${(counts[outcome] / counts.targets) * 100}%` }}
          />
        ))}
    </div>
  );
}
