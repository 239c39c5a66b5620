import { getRouteApi } from "@tanstack/react-router";
import { LoaderCircle, ScrollText, ShieldCheck, ShieldX, X } from "lucide-react";
import { AuditList } from "@/features/audit/components/audit-list";
import { useAudit } from "@/features/audit/api/list-audit";
import { useVerifyAudit } from "@/features/audit/api/verify-audit";
import { Badge } from "@/components/badge";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import { LoadOlder } from "@/components/record-list/load-older";
import { ListingStates } from "@/components/record-list/listing-states";
import { EmptyState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useSearchChange } from "@/hooks/use-search-change";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import { pagesOf } from "@/lib/api/client";
import { explain } from "@/lib/api/problem";
import { num } from "@/lib/format";
import { notify } from "@/lib/toasts";

const route = getRouteApi("/t/$tenant/audit");

/** Who did what? */
export function AuditPage() {
  const tenant = useTenant();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const audit = useAudit(tenant, { msp_scope_token: search.grant });
  const verify = useVerifyAudit(tenant);
  useTitle("Audit", tenant);
  useBreadcrumb([{ label: "Audit" }]);

  const listing = pagesOf(audit);
  return (
    <>
      <PageHeader
        title="Audit"
        badge={verify.data && <Proof ok={verify.data.ok} />}
        answer={
          verify.data
            ? verify.data.ok
              ? `${num(verify.data.entries)} entries stand as they were written`
              : `Entry ${num(verify.data.first_bad_seq ?? 0)}: ${verify.data.reason ?? "the chain is broken"}`
            : "Every change, log-in, export and question, in a chain that shows what was taken out"
        }
        actions={
          <>
            {search.grant && (
              <Button
                onClick={() => {
                  onSearch({ grant: undefined });
                }}
              >
                <X size={15} strokeWidth={1.75} aria-hidden />
                From above, one access only
              </Button>
            )}
            <LoadOlder query={audit} />
            <Button
              variant="primary"
              disabled={verify.isPending}
              onClick={() => {
                verify.mutate(undefined, {
                  onError: (error) => {
                    notify(`Could not verify the log. ${explain(error)}`, "bad");
                  },
                });
              }}
            >
              {verify.isPending ? (
                <LoaderCircle size={15} className="animate-spin" aria-hidden />
              ) : (
                <ShieldCheck size={15} strokeWidth={1.75} aria-hidden />
              )}
              Verify
            </Button>
          </>
        }
      />
      <ListingStates
        query={{ ...audit, data: listing }}
        what="the audit log"
        empty={
          <EmptyState icon={ScrollText} title="No entry yet">
            What people and agents do in this tenant shows here.
          </EmptyState>
        }
      >
        {(entries, stale) => (
          <AuditList entries={entries} stale={stale} search={search} onSearch={onSearch} />
        )}
      </ListingStates>
    </>
  );
}

function Proof({ ok }: { ok: boolean }) {
  return ok ? (
    <Badge tone="ok">
      <ShieldCheck aria-hidden />
      Verified
    </Badge>
  ) : (
    <Badge tone="bad">
      <ShieldX aria-hidden />
      Broken
    </Badge>
  );
}
