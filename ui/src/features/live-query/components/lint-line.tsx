import { CircleCheck, CircleX } from "lucide-react";
import { Kbd } from "@/components/ui/kbd";
import { plural } from "@/lib/format";
import type { LintState } from "../editor/diagnostics";

/** Below the editor: whether the statement compiles, what it reads, where the cursor is. */
export function LintLine({ lint, cursor }: { lint: LintState; cursor: { line: number; column: number } }) {
  return (
    <div className="flex h-[26px] flex-none items-center gap-3.5 border-t border-border bg-surface px-3 text-[11.5px] text-fg-muted">
      <span role="status" className="flex min-w-0 flex-1 items-center gap-1.5">
        <LintWords lint={lint} />
      </span>
      <span className="flex items-center gap-1.5 max-md:hidden">
        Results <Kbd keys={["F6"]} />
      </span>
      <span className="whitespace-nowrap tnum max-md:hidden">
        Ln {cursor.line}, Col {cursor.column}
      </span>
    </div>
  );
}

function LintWords({ lint }: { lint: LintState }) {
  if (lint.state === "empty") return <>Nothing to run yet</>;
  if (lint.state === "unknown") return <>Not checked: the server did not answer</>;
  const { error, tables, columns } = lint.result;
  if (error) {
    return (
      <>
        <CircleX size={13} className="shrink-0 text-bad-fg" aria-hidden />
        <span className="truncate text-bad-fg" title={error.message}>
          Line {error.line}, column {error.column}: {error.message}
        </span>
        <Kbd keys={["F8"]} />
      </>
    );
  }
  return (
    <>
      <CircleCheck size={13} className="shrink-0 text-ok-fg" aria-hidden />
      <span className="truncate">
        Reads {plural(tables?.length ?? 0, "table")}, {plural(columns?.length ?? 0, "column")}
      </span>
    </>
  );
}
