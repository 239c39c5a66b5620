import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { BellRing, Plus } from "lucide-react";
import { newRule } from "@/features/rules/template";
import { RuleList } from "@/features/rules/components/rule-list";
import { useRules } from "@/features/rules/api/rules";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import { ListingStates } from "@/components/record-list/listing-states";
import { EmptyState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useCan } from "@/hooks/use-me";
import { useSearchChange } from "@/hooks/use-search-change";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import { num, plural } from "@/lib/format";

const route = getRouteApi("/t/$tenant/rules");

/** Which rules watch, and on what will they fire? */
export function RulesPage() {
  const tenant = useTenant();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const can = useCan();
  const rules = useRules(tenant);
  const navigate = useNavigate();
  useTitle("Rules", tenant);
  useBreadcrumb([{ label: "Rules" }]);
  const canManage = can("packs.manage");
  const create = canManage && (
    <Button variant="primary" asChild>
      <Link to="/t/$tenant/rules/$rule" params={{ tenant, rule: newRule }}>
        <Plus size={15} strokeWidth={1.75} aria-hidden />
        Create rule
      </Link>
    </Button>
  );

  return (
    <>
      <PageHeader
        title="Rules"
        answer={
          rules.data &&
          `${num(rules.data.items.filter(({ enabled }) => enabled).length)} of ${plural(rules.data.items.length, "rule")} on`
        }
        actions={create}
      />
      <ListingStates
        query={rules}
        what="the rules"
        empty={
          <EmptyState icon={BellRing} title="No rule yet" action={create}>
            Start from a live query: what should never be there, on every agent.
          </EmptyState>
        }
      >
        {(listing, stale) => (
          <RuleList
            tenant={tenant}
            rules={listing}
            stale={stale}
            canManage={canManage}
            search={search}
            onSearch={onSearch}
            onEdit={(rule) => {
              void navigate({ to: "/t/$tenant/rules/$rule", params: { tenant, rule } });
            }}
          />
        )}
      </ListingStates>
    </>
  );
}
