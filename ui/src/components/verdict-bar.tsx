import { num } from "@/lib/format";

interface Counts {
  pass: number;
  fail: number;
  error: number;
  not_applicable: number;
  waived: number;
}

/** Failing ones stand first: they are what one looks for. */
const parts = [
  { of: "fail", colour: "bg-bad", word: "fail" },
  { of: "error", colour: "bg-high", word: "error" },
  { of: "waived", colour: "bg-warn", word: "waived" },
  { of: "pass", colour: "bg-ok", word: "pass" },
  { of: "not_applicable", colour: "bg-sunken dark:bg-hover", word: "not applicable" },
] as const;

/** How agents stand against a check, as a bar; its words are its label. */
export function VerdictBar({ counts }: { counts: Counts }) {
  const all = parts.reduce((sum, { of }) => sum + counts[of], 0);
  const words = parts.filter(({ of }) => counts[of] > 0).map(({ of, word }) => `${num(counts[of])} ${word}`);
  return (
    <span
      role="img"
      aria-label={words.join(", ") || "no verdict yet"}
      title={words.join(", ")}
      className="flex h-[6px] w-full gap-px overflow-hidden rounded-[3px] bg-sunken dark:bg-hover"
    >
      {all > 0 &&
        parts.map(({ of, colour }) => (
          <i key={of} className={colour} style={{ width: `${(counts[of] / all) * 100}%` }} />
        ))}
    </span>
  );
}
