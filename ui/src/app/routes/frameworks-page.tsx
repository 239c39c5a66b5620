import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { LibraryBig, Plus } from "lucide-react";
import { useScores } from "@/features/compliance/api/scores";
import { FrameworkEditor } from "@/features/compliance/components/framework-editor";
import { FrameworkList } from "@/features/compliance/components/framework-list";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import { ListingStates } from "@/components/record-list/listing-states";
import { EmptyState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useDialog } from "@/hooks/use-dialog";
import { useCan } from "@/hooks/use-me";
import { useSearchChange } from "@/hooks/use-search-change";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import type { FrameworkScore } from "@/lib/api/types";
import { plural } from "@/lib/format";
import { ComplianceTabs } from "./compliance-tabs";

const route = getRouteApi("/t/$tenant/compliance/frameworks");

/** Against what are we measured, and how do we stand? */
export function FrameworksPage() {
  const tenant = useTenant();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const navigate = useNavigate();
  const can = useCan();
  const scores = useScores(tenant);
  const [importing, setImporting] = useDialog("import", can("compliance.manage"));
  useTitle("Frameworks", tenant);
  useBreadcrumb([{ label: "Compliance" }, { label: "Frameworks" }]);
  const open = (framework: string) => {
    void navigate({ to: "/t/$tenant/compliance/frameworks/$framework", params: { tenant, framework } });
  };
  const add = can("compliance.manage") && (
    <Button
      variant="primary"
      onClick={() => {
        setImporting(true);
      }}
    >
      <Plus size={15} strokeWidth={1.75} aria-hidden />
      Import framework
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Frameworks"
        answer={scores.data && summary(scores.data.frameworks ?? [])}
        actions={add}
      />
      <ComplianceTabs />
      <ListingStates
        query={{ ...scores, data: scores.data && { items: scores.data.frameworks ?? [], complete: true } }}
        what="the frameworks"
        empty={
          <EmptyState icon={LibraryBig} title="No framework yet" action={add}>
            Import one from a file: controls, and the checks that serve each.
          </EmptyState>
        }
      >
        {(listing, stale) => (
          <FrameworkList
            frameworks={listing}
            stale={stale}
            search={search}
            onSearch={onSearch}
            onOpen={({ framework }) => {
              open(framework);
            }}
          />
        )}
      </ListingStates>
      {importing && (
        <FrameworkEditor
          tenant={tenant}
          framework={null}
          onSaved={open}
          onClose={() => {
            setImporting(false);
          }}
        />
      )}
    </>
  );
}

function summary(frameworks: FrameworkScore[]): string {
  const judged = frameworks.filter((each) => each.judged > 0);
  const worst = judged.toSorted((a, b) => a.percent - b.percent).at(0);
  return worst
    ? `${plural(judged.length, "framework")} judged; ${worst.title} stands lowest with ${worst.percent.toFixed(1)} %`
    : `${plural(frameworks.length, "framework")}, none judged yet`;
}
