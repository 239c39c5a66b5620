import { GitCompareArrows } from "lucide-react";
import { CellText } from "@/components/cell-text";
import { EmptyState, ErrorState } from "@/components/states";
import { Skeleton } from "@/components/ui/skeleton";
import type { DriftComparison } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { num } from "@/lib/format";
import { textOf, toValue } from "@/lib/grid/column-store";
import { useComparison, type Sides } from "../api/compare";

/** Rows that differ, shown at once: beyond these one narrows what is compared. */
const shownRows = 500;
const signs = { added: "+", removed: "−", changed: "~" } as const;

/** The rows of a collection that two times or two agents do not share. */
export function Comparison({ tenant, sides }: { tenant: string; sides: Sides | null }) {
  const comparison = useComparison(tenant, sides);
  if (!sides) {
    return (
      <EmptyState icon={GitCompareArrows} title="Choose what to compare">
        A collection of one agent at two times, or of two agents.
      </EmptyState>
    );
  }
  if (comparison.isError) {
    return <ErrorState what="compare" error={comparison.error} retry={() => void comparison.refetch()} />;
  }
  if (!comparison.data) {
    return (
      <div role="status" className="p-5">
        <span className="sr-only">Comparing</span>
        <Skeleton className="h-60" />
      </div>
    );
  }
  return <Differences comparison={comparison.data} />;
}

function Differences({ comparison }: { comparison: DriftComparison }) {
  const columns = comparison.columns ?? [];
  const changes = comparison.changes ?? [];
  if (changes.length === 0) {
    return (
      <EmptyState icon={GitCompareArrows} title="No difference">
        {num(comparison.same)} rows are the same on both sides.
      </EmptyState>
    );
  }
  const count = (change: keyof typeof signs) => num(changes.filter((each) => each.change === change).length);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <p role="status" className="px-5 pb-2 text-fg-muted max-sm:px-4">
        {count("added")} only on B, {count("removed")} only on A, {count("changed")} changed,{" "}
        {num(comparison.same)} the same
        {changes.length > shownRows && `; the first ${num(shownRows)} show`}
      </p>
      {/* A wide table scrolls by keyboard too. */}
      <div
        className="min-h-0 flex-1 overflow-auto border-t border-border bg-surface"
        tabIndex={0}
        role="region"
        aria-label="Differences"
      >
        <table className="w-full text-left font-mono text-xs">
          <thead className="sticky top-0 bg-bg">
            <tr>
              <th scope="col" className="w-8 px-2 py-1.5 font-sans font-medium text-fg-muted">
                <span className="sr-only">Change</span>
              </th>
              {columns.map((column) => (
                <th
                  key={column}
                  scope="col"
                  className="px-2.5 py-1.5 font-sans font-medium whitespace-nowrap text-fg-muted"
                >
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {changes.slice(0, shownRows).map((each, row) => (
              <tr
                key={row}
                className={cn(
                  "border-t border-border align-top",
                  each.change === "added" && "bg-add-bg",
                  each.change === "removed" && "bg-del-bg",
                )}
              >
                <td className="px-2 py-1 text-center" aria-label={each.change}>
                  {signs[each.change]}
                </td>
                {columns.map((column, index) => {
                  const now = toValue(each.value?.[index]);
                  const was = each.change === "changed" ? toValue(each.was?.[index]) : now;
                  const differs = textOf(was) !== textOf(now);
                  return (
                    <td key={column} className="max-w-100 px-2.5 py-1">
                      {differs && (
                        <span className="block bg-del-bg">
                          <CellText text={was === null ? null : textOf(was)} />
                        </span>
                      )}
                      <span className={differs ? "block bg-add-bg" : undefined}>
                        <CellText text={now === null ? null : textOf(now)} />
                      </span>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
