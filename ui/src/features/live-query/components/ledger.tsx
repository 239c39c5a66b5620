import { useMemo } from "react";
import { AgentLink } from "@/components/agent-link";
import { statuses } from "@/components/status-badge";
import type { LiveQueryCounts } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { duration, num } from "@/lib/format";
import { outcomes, type AgentAnswer, type Outcome } from "../results/events";
import { AnswerTimes } from "./answer-times";

/** Troubled agents named beside the rows; the agents tab has all. */
const named = 4;

interface LedgerProps {
  counts: LiveQueryCounts;
  answers: AgentAnswer[];
  chosen: Outcome | undefined;
  onChoose: (outcome: Outcome | undefined) => void;
}

/** Who answered and who did not. The outcomes add up to the targets; a click shows the agents behind a number. */
export function Ledger({ counts, answers, chosen, onChoose }: LedgerProps) {
  const troubled = useMemo(
    () =>
      answers.filter(
        ({ outcome }) => outcome === "failed" || outcome === "timed_out" || outcome === "refused",
      ),
    [answers],
  );
  return (
    <aside
      data-pane="ledger"
      aria-label="Agents asked"
      tabIndex={-1}
      className="flex w-66 flex-none flex-col overflow-y-auto border-l border-border bg-bg pb-3 max-xl:hidden"
    >
      <h2 className="flex items-center px-3.5 pt-3 pb-2 text-xs font-semibold">
        <span className="flex-1">Agents</span>
        <span className="font-normal text-fg-muted tnum">{num(counts.targets)}</span>
      </h2>
      <LedgerLines counts={counts} chosen={chosen} onChoose={onChoose} />
      <AnswerTimes answers={answers} />
      {troubled.length > 0 && (
        <section>
          <h3 className="border-t border-border px-3.5 pt-3 pb-1.5 text-xs font-semibold">Needs a look</h3>
          {troubled.slice(0, named).map((answer) => (
            <div key={answer.agent_id} className="border-t border-border px-3.5 py-1.5">
              <p className="flex items-center gap-1.5">
                <OutcomeIcon outcome={answer.outcome} />
                <AgentLink id={answer.agent_id} hostname={answer.hostname} className="min-w-0 flex-1" />
                <span className="text-xs text-fg-subtle tnum">{duration(answer.duration_ms)}</span>
              </p>
              <p className="text-[11.5px]/4 text-fg-muted">{answer.error ?? statuses[answer.outcome].word}</p>
            </div>
          ))}
          {troubled.length > named && (
            <button
              type="button"
              onClick={() => {
                onChoose(troubled[0].outcome);
              }}
              className="px-3.5 py-1.5 text-xs font-medium text-primary-text hover:underline"
            >
              Show all {num(troubled.length)}
            </button>
          )}
        </section>
      )}
    </aside>
  );
}

/** The outcomes as buttons: beside the rows on a wide page, above the agents on a narrow one. */
export function LedgerLines({ counts, chosen, onChoose }: Omit<LedgerProps, "answers">) {
  return (
    <div
      role="group"
      aria-label="Outcomes"
      className="flex flex-col max-xl:flex-row max-xl:flex-wrap max-xl:gap-1 max-xl:p-2"
    >
      {outcomes
        .filter((outcome) => outcome !== "refused" || counts.refused > 0)
        .map((outcome) => (
          <button
            key={outcome}
            type="button"
            aria-pressed={chosen === outcome}
            onClick={() => {
              onChoose(chosen === outcome ? undefined : outcome);
            }}
            className={cn(
              "focus-inset flex h-[26px] items-center gap-2 px-3.5 text-[12.5px] hover:bg-hover max-xl:rounded-xs max-xl:border max-xl:border-border max-xl:px-2",
              chosen === outcome && "bg-selected hover:bg-selected",
            )}
          >
            <OutcomeIcon outcome={outcome} spin={counts.running > 0} />
            <span className="flex-1 text-left">
              {statuses[outcome].word}
              {outcome === "offline" && <span className="text-fg-subtle">, not asked</span>}
            </span>
            <span className="font-medium tnum">{num(counts[outcome])}</span>
          </button>
        ))}
    </div>
  );
}

const iconTones: Record<Outcome, string> = {
  with_rows: "text-ok-fg",
  no_rows: "text-off-fg",
  failed: "text-bad-fg",
  timed_out: "text-warn-fg",
  running: "text-wait-fg",
  waiting: "text-wait-fg",
  offline: "text-off-fg",
  refused: "text-bad-fg",
};

export function OutcomeIcon({ outcome, spin = false }: { outcome: Outcome; spin?: boolean }) {
  const Icon = statuses[outcome].icon;
  return (
    <Icon
      size={14}
      strokeWidth={1.75}
      aria-hidden
      className={cn("shrink-0", iconTones[outcome], outcome === "running" && spin && "animate-spin")}
    />
  );
}
