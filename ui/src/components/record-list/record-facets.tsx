import type { ReactNode } from "react";
import { countValues, Facet } from "@/components/facets";
import type { Filter } from "@/lib/grid/filter";

/** A way of dividing the records: by a column, or by what `of` reads where a record has several values. */
export interface RecordFacet<Item> {
  column: string;
  title: string;
  of: (item: Item) => string | string[];
  label?: (value: string) => ReactNode;
  /** The order of the values; by how often they occur without it. */
  compare?: (a: string, b: string) => number;
}

/** How many records are of each kind. A choice is the same filter that one could type under the column's head. */
export function RecordFacets<Item>({
  label,
  items,
  facets,
  filters,
  onFilters,
}: {
  label: string;
  items: Item[];
  facets: RecordFacet<Item>[];
  filters: Filter[];
  onFilters: (filters: Filter[]) => void;
}) {
  return (
    <aside
      aria-label={label}
      className="w-50 flex-none overflow-y-auto border-r border-border bg-bg py-1.5 max-md:hidden"
    >
      {facets.map((facet) => {
        const values = countValues(items, (item) => [facet.of(item)].flat());
        if (facet.compare) {
          const { compare } = facet;
          values.sort((a, b) => compare(a.value, b.value));
        }
        return (
          <Facet
            key={facet.column}
            title={facet.title}
            values={values
              .filter(({ value }) => value !== "")
              .map(({ value, count }) => ({ value, count, label: facet.label?.(value) ?? value }))}
            chosen={filters
              .find(({ column, text }) => column === facet.column && text.startsWith("= "))
              ?.text.slice(2)}
            onChoose={(value) => {
              const others = filters.filter(({ column }) => column !== facet.column);
              onFilters(
                value === undefined ? others : [...others, { column: facet.column, text: `= ${value}` }],
              );
            }}
          />
        );
      })}
    </aside>
  );
}
