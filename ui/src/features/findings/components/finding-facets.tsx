import { countValues, Facet } from "@/components/facets";
import type { Finding } from "@/lib/api/types";
import type { Filter } from "@/lib/grid/filter";
import { severities, severityOf, severityWords } from "@/lib/severity";

interface FindingFacetsProps {
  findings: Finding[];
  filters: Filter[];
  onFilters: (filters: Filter[]) => void;
}

/** How many findings are of each severity, check and kind. A choice is the filter under the column's head. */
export function FindingFacets({ findings, filters, onFilters }: FindingFacetsProps) {
  const chosen = (column: string) =>
    filters.find((filter) => filter.column === column && filter.text.startsWith("= "))?.text.slice(2);
  const choose = (column: string) => (value: string | undefined) => {
    const others = filters.filter((filter) => filter.column !== column);
    onFilters(value === undefined ? others : [...others, { column, text: `= ${value}` }]);
  };
  const bySeverity = countValues(findings, ({ severity }) => [severity]).sort(
    (a, b) => severities.indexOf(severityOf(a.value)) - severities.indexOf(severityOf(b.value)),
  );
  const plain = (values: { value: string; count: number }[]) =>
    values.map((each) => ({ ...each, label: each.value }));
  return (
    <aside
      aria-label="Findings by kind"
      className="w-52 flex-none overflow-y-auto border-r border-border bg-bg py-1.5 max-xl:hidden"
    >
      <Facet
        title="Severity"
        values={bySeverity.map((each) => ({ ...each, label: <SeverityWord severity={each.value} /> }))}
        chosen={chosen("severity")}
        onChoose={choose("severity")}
      />
      <Facet
        title="Check"
        values={plain(countValues(findings, ({ title }) => [title]))}
        chosen={chosen("title")}
        onChoose={choose("title")}
      />
      <Facet
        title="Kind"
        values={plain(countValues(findings, ({ kind }) => [kind]))}
        chosen={chosen("kind")}
        onChoose={choose("kind")}
      />
    </aside>
  );
}

const dots = {
  critical: "bg-critical",
  high: "bg-high",
  medium: "bg-medium",
  low: "bg-low",
  info: "bg-info",
};

function SeverityWord({ severity }: { severity: string }) {
  const known = severityOf(severity);
  return (
    <>
      <span aria-hidden className={`size-2 shrink-0 rounded-[2px] ${dots[known]}`} />
      {severityWords[known]}
    </>
  );
}
