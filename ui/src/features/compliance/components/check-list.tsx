import { Card } from "@/components/record-list/card-list";
import type { RecordFacet } from "@/components/record-list/record-facets";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import { SeverityBadge, SeverityWord } from "@/components/severity-badge";
import type { Listing } from "@/lib/api/client";
import type { CheckSummary } from "@/lib/api/types";
import { num } from "@/lib/format";
import type { Sort } from "@/lib/grid/filter";
import { platformName } from "@/lib/platforms";
import { compareSeverities } from "@/lib/severity";
import { checkColumns, checkFields } from "./check-columns";

const noun = { one: "check", many: "checks" };
const idOf = ({ check }: CheckSummary) => check;
const mostFailing: Sort = { column: "fail", descending: true };
const sortFields = { severity: "rank" };

/** Where a check stands over all agents, in one word. */
function standing({ fail, error, pass, waived }: CheckSummary): string {
  if (fail > 0) return "Failing";
  if (error > 0) return "Error";
  if (waived > 0) return "Waived";
  return pass > 0 ? "Passing" : "Not applicable";
}

const facets: RecordFacet<CheckSummary>[] = [
  { column: "standing", title: "Standing", of: standing },
  {
    column: "severity",
    title: "Severity",
    of: ({ severity }) => severity,
    label: (severity) => <SeverityWord severity={severity} />,
    compare: compareSeverities,
  },
  {
    column: "platforms",
    title: "Platform",
    of: ({ platforms }) => (platforms ?? []).map(platformName).join(", "),
  },
];
const fields = { ...checkFields, standing };

/** Which checks fail, on how many agents: one opens a check to see which. */
export function CheckList({
  checks,
  stale,
  search,
  onSearch,
  onOpen,
}: {
  checks: Listing<CheckSummary>;
  stale: boolean;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
  onOpen: (check: CheckSummary) => void;
}) {
  return (
    <RecordList
      noun={noun}
      listing={checks}
      idOf={idOf}
      columns={checkColumns}
      fields={fields}
      defaultSort={mostFailing}
      sortFields={sortFields}
      facets={facets}
      stale={stale}
      search={search}
      onSearch={onSearch}
      onOpen={onOpen}
      card={(check) => (
        <Card
          title={check.title}
          badge={<SeverityBadge severity={check.severity} />}
          facts={[`${num(check.fail)} fail`, `${num(check.pass)} pass`]}
        />
      )}
    />
  );
}
