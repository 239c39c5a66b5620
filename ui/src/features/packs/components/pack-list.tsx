import { useMemo } from "react";
import { Card } from "@/components/record-list/card-list";
import type { RecordFacet } from "@/components/record-list/record-facets";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import { StatusBadge } from "@/components/status-badge";
import type { Listing } from "@/lib/api/client";
import { plural } from "@/lib/format";
import { platformName } from "@/lib/platforms";
import type { ScheduledPack } from "../api/packs";
import { usePackCosts } from "../api/pack-costs";
import { packCost } from "../pack-cost";
import { packColumns, packFields, type CostedPack } from "./pack-columns";
import { PackPeek } from "./pack-peek";

const noun = { one: "pack", many: "packs" };
const idOf = ({ pack }: CostedPack) => pack.name;
const facets: RecordFacet<CostedPack>[] = [
  {
    column: "state",
    title: "Runs",
    of: ({ schedule }) => (schedule?.enabled ? "on" : "off"),
    label: (state) => (state === "on" ? "On" : "Off"),
  },
  { column: "source", title: "Source", of: (each) => String(packFields.source(each)) },
];

/** What runs where: packs with their switch, and their queries beside them. */
export function PackList({
  tenant,
  packs,
  stale,
  canManage,
  search,
  onSearch,
  onEdit,
  onOpenQuery,
}: {
  tenant: string;
  packs: Listing<ScheduledPack>;
  stale: boolean;
  canManage: boolean;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
  onEdit: (name: string) => void;
  onOpenQuery?: (sql: string) => void;
}) {
  const costs = usePackCosts(tenant).data;
  const listing = useMemo(
    () => ({
      ...packs,
      items: packs.items.map((each): CostedPack => ({
        ...each,
        cost: costs ? packCost(costs, each.pack.name) : null,
      })),
    }),
    [packs, costs],
  );
  return (
    <RecordList
      noun={noun}
      listing={listing}
      idOf={idOf}
      columns={packColumns}
      fields={packFields}
      facets={facets}
      stale={stale}
      search={search}
      onSearch={onSearch}
      card={({ pack, schedule }) => (
        <Card
          title={pack.title || pack.name}
          badge={<StatusBadge status={schedule?.enabled ? "on" : "off"} />}
          facts={[
            plural(pack.queries, "query", "queries"),
            (pack.platforms ?? []).map(platformName).join(", "),
          ]}
        />
      )}
      peek={(name, each) => (
        <PackPeek
          key={name}
          tenant={tenant}
          name={name}
          known={each}
          canManage={canManage}
          onEdit={onEdit}
          onOpenQuery={onOpenQuery}
          onClose={() => {
            onSearch({ sel: undefined });
          }}
        />
      )}
    />
  );
}
