import { Pencil, Power, SquareTerminal, Trash2 } from "lucide-react";
import { useState } from "react";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Peek, PeekSection } from "@/components/peek";
import { SqlText } from "@/components/sql-text";
import { ErrorState } from "@/components/states";
import { StatusBadge } from "@/components/status-badge";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { useCan, useHas } from "@/hooks/use-me";
import { explain } from "@/lib/api/problem";
import { plural } from "@/lib/format";
import { scheduleText } from "@/lib/schedule-text";
import { notify } from "@/lib/toasts";
import { usePackCosts } from "../api/pack-costs";
import { costText } from "../pack-cost";
import { useDeletePack, usePack, useSwitchPack, type PackQuery, type ScheduledPack } from "../api/packs";
import { PackVersions } from "./pack-versions";

/** A pack's queries, its switch, and for one of the tenant's own the way to change it. */
export function PackPeek({
  tenant,
  name,
  known,
  canManage,
  onEdit,
  onOpenQuery,
  onClose,
}: {
  tenant: string;
  name: string;
  known: ScheduledPack | undefined;
  canManage: boolean;
  onEdit: (name: string) => void;
  onOpenQuery?: (sql: string) => void;
  onClose: () => void;
}) {
  const pack = usePack(tenant, name);
  const switchPack = useSwitchPack(tenant);
  const remove = useDeletePack(tenant);
  const costs = usePackCosts(tenant);
  const can = useCan();
  const has = useHas();
  const [deleting, setDeleting] = useState(false);
  const enabled = known?.schedule?.enabled ?? false;
  const own = known?.pack.source === "tenant";
  return (
    <Peek
      label="Pack"
      title={known?.pack.title || name}
      badges={<StatusBadge status={enabled ? "on" : "off"} />}
      subtitle={known?.pack.description}
      onClose={onClose}
      actions={
        canManage && (
          <>
            <Button
              variant={enabled ? "default" : "primary"}
              disabled={switchPack.isPending || !known}
              onClick={() => {
                switchPack.mutate(
                  { pack: name, enabled: !enabled },
                  {
                    onSuccess: () => {
                      notify(`${enabled ? "Switched off" : "Switched on"} ${name}`);
                    },
                    onError: (error) => {
                      notify(`Could not switch ${name}. ${explain(error)}`, "bad");
                    },
                  },
                );
              }}
            >
              <Power size={15} strokeWidth={1.75} aria-hidden />
              {enabled ? "Switch off" : "Switch on"}
            </Button>
            <Button
              onClick={() => {
                onEdit(name);
              }}
            >
              <Pencil size={15} strokeWidth={1.75} aria-hidden />
              {own ? "Edit" : "Copy and edit"}
            </Button>
            {own && (
              <Button
                onClick={() => {
                  setDeleting(true);
                }}
              >
                <Trash2 size={15} strokeWidth={1.75} aria-hidden />
                Delete
              </Button>
            )}
          </>
        )
      }
    >
      {pack.data ? (
        (pack.data.query_list ?? []).map((query) => (
          <PeekSection key={query.name} title={`${query.name} · ${scheduleText(query)} · ${query.mode}`}>
            {query.description && <p className="mb-1.5 text-fg-muted">{query.description}</p>}
            <SqlText sql={query.sql} label={`SQL of ${query.name}`} />
            <QueryCost costs={costs} query={query} />
            {onOpenQuery && (
              <Button
                variant="ghost"
                size="small"
                className="mt-1"
                onClick={() => {
                  onOpenQuery(query.sql);
                }}
              >
                <SquareTerminal size={13} aria-hidden />
                Ask live
              </Button>
            )}
          </PeekSection>
        ))
      ) : pack.isError ? (
        <ErrorState what="load the pack" error={pack.error} retry={() => void pack.refetch()} />
      ) : (
        <div role="status">
          <span className="sr-only">Loading the pack</span>
          <Skeleton className="h-60" />
        </div>
      )}
      {own && pack.data && (
        <PackVersions
          tenant={tenant}
          name={name}
          yaml={pack.data.yaml}
          canManage={canManage}
          canTry={can("agents.manage") && has("scan_scheduling")}
        />
      )}
      {deleting && (
        <ConfirmDialog
          title={`Delete ${name}`}
          verb="Delete"
          name={name}
          pending={remove.isPending}
          error={remove.error}
          onConfirm={() => {
            remove.mutate(name, {
              onSuccess: () => {
                notify(`Deleted ${name}`);
                onClose();
              },
            });
          }}
          onClose={() => {
            setDeleting(false);
          }}
        >
          Its {plural(known?.pack.queries ?? 0, "query stops", "queries stop")} on every agent of this tenant
          and below. Rows that they gave stay in history.
        </ConfirmDialog>
      )}
    </Peek>
  );
}

/** What a query costs the agents that run it, and on how many it fails. */
function QueryCost({ costs, query }: { costs: ReturnType<typeof usePackCosts>; query: PackQuery }) {
  const cost = costs.data?.get(query.collection);
  if (costs.isError)
    return <p className="mt-1 text-xs text-bad-fg">Could not load its cost. {explain(costs.error)}</p>;
  if (!costs.data) return <Skeleton className="mt-1 h-4" />;
  if (!cost) return <p className="mt-1 text-xs text-fg-subtle">No agent has told a result yet.</p>;
  return (
    <p className="mt-1 text-xs text-fg-muted">
      {costText(cost, query.interval_seconds)}
      {cost.failing > 0 && <span className="text-bad-fg">; fails on {plural(cost.failing, "agent")}</span>}
    </p>
  );
}
