import type { Scan } from "@/lib/api/types";
import { num } from "@/lib/format";

const parts = [
  { of: "done", colour: "bg-ok", word: "done" },
  { of: "failed", colour: "bg-bad", word: "failed" },
  { of: "timed_out", colour: "bg-warn", word: "timed out" },
  { of: "offline", colour: "bg-off", word: "offline" },
  { of: "nothing", colour: "bg-info-line", word: "nothing to run" },
  { of: "running", colour: "bg-wait-line", word: "running" },
] as const;

/** How the agents of a scan stand, as a bar and in words: the parts add up to its targets. */
export function ScanBar({ counts, worded = false }: { counts: Scan["counts"]; worded?: boolean }) {
  const words = parts.filter(({ of }) => counts[of] > 0).map(({ of, word }) => `${num(counts[of])} ${word}`);
  return (
    <span className="flex w-full flex-col gap-1">
      <span
        role="img"
        aria-label={words.join(", ") || "no agent"}
        title={words.join(", ")}
        className="flex h-[6px] w-full gap-px overflow-hidden rounded-[3px] bg-sunken dark:bg-hover"
      >
        {parts.map(({ of, colour }) => (
          <i
            key={of}
            className={colour}
            style={{ width: `${(counts[of] / Math.max(1, counts.targets)) * 100}%` }}
          />
        ))}
      </span>
      {worded && <span className="text-xs text-fg-muted tnum">{words.join(", ")}</span>}
    </span>
  );
}
