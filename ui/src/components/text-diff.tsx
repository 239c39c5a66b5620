import { useMemo } from "react";
import { cn } from "@/lib/cn";
import { num, plural } from "@/lib/format";
import { lineDiff, type DiffLine } from "@/lib/line-diff";

/** Unchanged lines shown around a change. */
const context = 3;

/** What changes between two texts: the sign in the gutter says it, not the colour alone; what stays the same is folded. */
export function TextDiff({ before, after, label }: { before: string; after: string; label: string }) {
  const lines = useMemo(() => lineDiff(before, after), [before, after]);
  const added = lines.filter(({ sign }) => sign === "+").length;
  const removed = lines.filter(({ sign }) => sign === "-").length;
  if (added + removed === 0) return <p className="text-fg-muted">Nothing changes.</p>;
  return (
    <div className="flex flex-col gap-1.5">
      <p className="font-medium">
        {label}: <span className="tnum">{plural(added, "line")}</span> added,{" "}
        <span className="tnum">{num(removed)}</span> removed
      </p>
      {/* A long text scrolls by keyboard too. */}
      <div
        className="max-h-80 overflow-auto rounded-sm border border-border bg-editor font-mono text-xs/[18px]"
        tabIndex={0}
        role="region"
        aria-label={label}
      >
        {folded(lines).map((part, index) =>
          typeof part === "number" ? (
            <p key={index} className="bg-sunken px-2.5 text-fg-subtle">
              {plural(part, "unchanged line")}
            </p>
          ) : (
            <div
              key={index}
              className={cn("flex", part.sign === "+" && "bg-add-bg", part.sign === "-" && "bg-del-bg")}
            >
              <span className="w-10 flex-none pr-1 text-right text-fg-subtle select-none">
                {part.after ?? part.before}
              </span>
              <span className="w-5 flex-none text-center select-none">{part.sign}</span>
              <span className="pr-2.5 whitespace-pre">{part.text}</span>
            </div>
          ),
        )}
      </div>
    </div>
  );
}

/** The lines with runs of unchanged ones as their number. */
function folded(lines: DiffLine[]): (DiffLine | number)[] {
  const near = (index: number) =>
    lines.slice(Math.max(0, index - context), index + context + 1).some(({ sign }) => sign !== " ");
  const parts: (DiffLine | number)[] = [];
  lines.forEach((line, index) => {
    const last = parts.at(-1);
    if (near(index)) parts.push(line);
    else if (typeof last === "number") parts[parts.length - 1] = last + 1;
    else parts.push(1);
  });
  return parts;
}
