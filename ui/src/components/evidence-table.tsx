import { X } from "lucide-react";
import { useMemo, useRef, useState, type KeyboardEvent } from "react";
import { cn } from "@/lib/cn";
import { plural } from "@/lib/format";
import { textOf, toValue } from "@/lib/grid/column-store";
import { csvLine } from "@/lib/grid/csv";
import { visibleText } from "@/lib/visible-text";
import { CopyButton } from "./copy-button";
import { Button } from "./ui/button";

export interface Evidence {
  columns: string[];
  rows: unknown[][];
  /** Columns at fault in any row. */
  failingColumns: string[];
  /** Columns at fault in each row, where that is known. */
  failingCells?: (string[] | null)[];
  /** Rows at fault in all; more than are here when the server cut them. */
  total?: number;
  /** What the failing cell should have held, if the check says so. */
  expected?: string;
}

/** Rows shown before one asks for all. */
const shownFirst = 20;
/** Characters from which a value wraps. */
const foldedFrom = 40;

/** The rows behind a verdict. A failing cell is marked with a cross and what was expected; what passed is muted. */
export function EvidenceTable({ columns, rows, failingColumns, failingCells, total, expected }: Evidence) {
  const [all, setAll] = useState(false);
  const table = useRef<HTMLTableElement>(null);
  const failing = new Set(failingColumns);
  const stateOf = (row: number, name: string) => {
    if (failing.size === 0) return "plain";
    const fails = failingCells?.[row]?.includes(name) ?? (failingCells ? false : failing.has(name));
    return fails ? "failing" : "passing";
  };
  const count = Math.max(rows.length, total ?? 0);
  const shown = all ? rows : rows.slice(0, shownFirst);
  const csv = useMemo(
    () => csvLine(columns) + rows.map((cells) => csvLine(cells.map(toValue))).join(""),
    [columns, rows],
  );

  /** N and P go from one failing cell to the next. */
  const onKeyDown = (event: KeyboardEvent) => {
    const key = event.key.toLowerCase();
    if ((key !== "n" && key !== "p") || event.ctrlKey || event.metaKey) return;
    const cells = [...(table.current?.querySelectorAll<HTMLElement>("[data-failing]") ?? [])];
    const at = cells.findIndex((cell) => cell === document.activeElement);
    const next = cells.at(key === "n" ? (at + 1) % cells.length : at <= 0 ? -1 : at - 1);
    next?.focus();
    event.preventDefault();
  };

  return (
    <div className="overflow-hidden rounded-sm border border-border">
      {/* The table scrolls sideways by keyboard, and N and P move in it. */}
      <div
        className="overflow-x-auto"
        tabIndex={0}
        role="region"
        aria-label="Failing rows"
        onKeyDown={onKeyDown}
      >
        <table ref={table} className="w-full text-left">
          <thead>
            <tr className="bg-bg">
              {columns.map((name) => (
                <th
                  key={name}
                  scope="col"
                  className={cn(
                    "h-[30px] border-b border-border px-2.5 text-xs font-medium whitespace-nowrap text-fg-muted",
                    failing.has(name) && "text-bad-fg",
                  )}
                >
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((cells, row) => (
              <tr key={row} className="align-top [&:not(:last-child)>td]:border-b [&>td]:border-border">
                {columns.map((name, index) => (
                  <EvidenceCell
                    key={name}
                    raw={cells[index]}
                    state={stateOf(row, name)}
                    expected={expected}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="flex min-h-8 items-center gap-2 border-t border-border bg-bg px-2.5 text-xs text-fg-muted">
        <span className="flex-1 tnum">
          {count > shown.length ? `${shown.length} of ${plural(count, "row")}` : plural(count, "row")}
        </span>
        {rows.length > shown.length && (
          <Button
            variant="link"
            size="inline"
            onClick={() => {
              setAll(true);
            }}
          >
            Show all
          </Button>
        )}
        <CopyButton text={csv} label="Copy the rows as CSV" />
      </div>
    </div>
  );
}

function EvidenceCell({
  raw,
  state,
  expected,
}: {
  raw: unknown;
  state: "plain" | "failing" | "passing";
  expected?: string;
}) {
  const value = toValue(raw);
  const text = value === null ? null : textOf(value);
  // Short values stay on their line; a long one wraps rather than being cut, since it is evidence.
  const fold = (text?.length ?? 0) > foldedFrom ? "min-w-60 break-all" : "whitespace-nowrap";
  const content =
    text === null ? (
      <span className="text-fg-subtle italic">NULL</span>
    ) : (
      <bdi className={state === "failing" ? "font-medium" : undefined}>{visibleText(text)}</bdi>
    );
  if (state !== "failing") {
    return (
      <td className={cn("px-2.5 py-1.5 font-mono text-xs", fold, state === "passing" && "text-fg-muted")}>
        {content}
      </td>
    );
  }
  return (
    <td
      data-failing
      tabIndex={-1}
      className={cn("focus-inset bg-mark px-2.5 py-1.5 font-mono text-xs", fold)}
    >
      <span className="flex items-start gap-1.5">
        <X size={13} className="mt-0.5 shrink-0 text-bad-fg" aria-label="fails:" />
        {content}
      </span>
      {expected && (
        <span className="mt-0.5 block max-w-52 pl-[19px] font-sans text-2xs whitespace-normal">
          expected {expected}
        </span>
      )}
    </td>
  );
}
