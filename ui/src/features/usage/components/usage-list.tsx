import { Card } from "@/components/record-list/card-list";
import type { RecordFacet } from "@/components/record-list/record-facets";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import type { Listing } from "@/lib/api/client";
import type { UsagePeriod } from "@/lib/api/types";
import { bytes, plural } from "@/lib/format";
import type { Sort } from "@/lib/grid/filter";
import { usageColumns, usageFields } from "./usage-columns";

const noun = { one: "period", many: "periods" };
const idOf = ({ period, tenant_id }: UsagePeriod) => `${period} ${tenant_id}`;
const youngestFirst: Sort = { column: "period", descending: true };
const facets: RecordFacet<UsagePeriod>[] = [
  { column: "tenant", title: "Tenant", of: ({ tenant }) => tenant },
];

/** What tenants used, a line a period and tenant. */
export function UsageList({
  periods,
  stale,
  search,
  onSearch,
}: {
  periods: Listing<UsagePeriod>;
  stale: boolean;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
}) {
  return (
    <RecordList
      noun={noun}
      listing={periods}
      idOf={idOf}
      columns={usageColumns}
      fields={usageFields}
      facets={facets}
      defaultSort={youngestFirst}
      stale={stale}
      search={search}
      onSearch={onSearch}
      card={({ period, tenant, agents, live_queries, stored_bytes }) => (
        <Card
          title={`${period}, ${tenant}`}
          facts={[
            plural(agents, "agent"),
            plural(live_queries, "live query", "live queries"),
            bytes(stored_bytes),
          ]}
        />
      )}
    />
  );
}
