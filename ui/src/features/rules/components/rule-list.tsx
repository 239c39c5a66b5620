import { Card } from "@/components/record-list/card-list";
import type { RecordFacet } from "@/components/record-list/record-facets";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import { SeverityBadge } from "@/components/severity-badge";
import type { Listing } from "@/lib/api/client";
import type { Rule } from "@/lib/api/types";
import type { Sort } from "@/lib/grid/filter";
import { ruleColumns, ruleFields } from "./rule-columns";
import { RulePeek } from "./rule-peek";

const noun = { one: "rule", many: "rules" };
const idOf = ({ rule }: Rule) => rule;
const worstFirst: Sort = { column: "severity", descending: false };
const sortFields = { severity: "rank" };
const facets: RecordFacet<Rule>[] = [
  { column: "on", title: "Judges", of: ({ on }) => on },
  { column: "state", title: "State", of: ({ enabled }) => (enabled ? "on" : "off") },
  { column: "source", title: "Source", of: (rule) => String(ruleFields.source(rule)) },
];

/** The rules that raise alerts, each with its switch and its text. */
export function RuleList({
  tenant,
  rules,
  stale,
  canManage,
  search,
  onSearch,
  onEdit,
}: {
  tenant: string;
  rules: Listing<Rule>;
  stale: boolean;
  canManage: boolean;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
  onEdit: (rule: string) => void;
}) {
  return (
    <RecordList
      noun={noun}
      listing={rules}
      idOf={idOf}
      columns={ruleColumns}
      fields={ruleFields}
      defaultSort={worstFirst}
      sortFields={sortFields}
      facets={facets}
      stale={stale}
      search={search}
      onSearch={onSearch}
      card={(rule) => (
        <Card
          title={rule.title || rule.rule}
          badge={<SeverityBadge severity={rule.severity} />}
          facts={[rule.on, rule.enabled ? "on" : "off", (rule.notify ?? []).join(", ")]}
        />
      )}
      peek={(id, rule) =>
        rule && (
          <RulePeek
            key={id}
            tenant={tenant}
            rule={rule}
            canManage={canManage}
            onEdit={onEdit}
            onClose={() => {
              onSearch({ sel: undefined });
            }}
          />
        )
      }
    />
  );
}
