import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useRule } from "@/features/rules/api/rules";
import { RuleWorkbench } from "@/features/rules/components/rule-workbench";
import { newRule, template } from "@/features/rules/template";
import { useBreadcrumb } from "@/components/breadcrumb";
import { ErrorState } from "@/components/states";
import { Skeleton } from "@/components/ui/skeleton";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";

const route = getRouteApi("/t/$tenant/rules/$rule");

/** Will the rule fire, and on what? */
export function RulePage() {
  const tenant = useTenant();
  const { rule } = route.useParams();
  const navigate = useNavigate();
  const isNew = rule === newRule;
  const stored = useRule(tenant, rule, !isNew);
  const title = isNew ? "New rule" : rule;
  useTitle(title, tenant);
  useBreadcrumb([
    {
      label: "Rules",
      link: (
        <Link to="/t/$tenant/rules" params={{ tenant }} className="hover:text-fg">
          Rules
        </Link>
      ),
    },
    { label: title },
  ]);
  if (!isNew && stored.isError) {
    return <ErrorState what="load the rule" error={stored.error} retry={() => void stored.refetch()} />;
  }
  const text = isNew ? template : stored.data?.yaml;
  if (text === undefined) return <Skeleton className="m-5 flex-1" />;
  return (
    <RuleWorkbench
      key={`${tenant} ${rule}`}
      tenant={tenant}
      rule={isNew ? null : rule}
      stored={text}
      onSaved={(saved) => {
        void navigate({ to: "/t/$tenant/rules", params: { tenant }, search: { sel: saved } });
      }}
    />
  );
}
