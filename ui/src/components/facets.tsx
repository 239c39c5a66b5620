import type { ReactNode } from "react";
import { cn } from "@/lib/cn";
import { num } from "@/lib/format";

export interface FacetValue {
  value: string;
  label: ReactNode;
  count: number;
}

/** Values of a facet shown at most: more are found with the column's filter. */
const shownValues = 8;

/** How often each value occurs; a click keeps only its rows, a second one lets all in again. */
export function Facet({
  title,
  values,
  chosen,
  onChoose,
}: {
  title: string;
  values: FacetValue[];
  chosen: string | undefined;
  onChoose: (value: string | undefined) => void;
}) {
  if (values.length === 0) return null;
  const listed = values.filter(({ value }, index) => index < shownValues || value === chosen);
  return (
    <section className="px-2 py-1.5">
      <h2 className="px-2 pb-1 text-2xs font-medium text-fg-subtle">{title}</h2>
      {listed.map(({ value, label, count }) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === chosen}
          onClick={() => {
            onChoose(value === chosen ? undefined : value);
          }}
          className={cn(
            "focus-inset flex h-[26px] w-full items-center gap-2 rounded-xs px-2 text-left hover:bg-hover",
            value === chosen && "bg-primary-soft text-primary-text hover:bg-primary-soft",
          )}
        >
          <span className="flex min-w-0 flex-1 items-center gap-1.5">
            {typeof label === "string" ? (
              <span className="truncate" title={label}>
                {label}
              </span>
            ) : (
              label
            )}
          </span>
          <span className="text-2xs text-fg-subtle tnum">{num(count)}</span>
        </button>
      ))}
      {values.length > listed.length && (
        <p className="px-2 pt-0.5 text-2xs text-fg-subtle">
          {num(values.length - listed.length)} more: filter the column
        </p>
      )}
    </section>
  );
}

/** Counts the values that `of` reads, most frequent first. */
export function countValues<Item>(
  items: Item[],
  of: (item: Item) => string[],
): { value: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const item of items) for (const value of of(item)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || a.value.localeCompare(b.value));
}
