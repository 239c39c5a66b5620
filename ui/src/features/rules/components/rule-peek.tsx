import { Pencil, Power, Trash2 } from "lucide-react";
import { useState } from "react";
import { CodeBlock } from "@/components/code-block";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Peek, PeekSection } from "@/components/peek";
import { SeverityBadge } from "@/components/severity-badge";
import { ErrorState } from "@/components/states";
import { StatusBadge } from "@/components/status-badge";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { explain } from "@/lib/api/problem";
import type { Rule } from "@/lib/api/types";
import { notify } from "@/lib/toasts";
import { useDeleteRule, useRule, useSwitchRule } from "../api/rules";

/** A rule: its text, its switch, and for one of the tenant's own the way to change it. */
export function RulePeek({
  tenant,
  rule,
  canManage,
  onEdit,
  onClose,
}: {
  tenant: string;
  rule: Rule;
  canManage: boolean;
  onEdit: (rule: string) => void;
  onClose: () => void;
}) {
  const detail = useRule(tenant, rule.rule);
  const switchRule = useSwitchRule(tenant);
  const remove = useDeleteRule(tenant);
  const [deleting, setDeleting] = useState(false);
  return (
    <Peek
      label="Rule"
      title={rule.title || rule.rule}
      badges={
        <>
          <SeverityBadge severity={rule.severity} />
          <StatusBadge status={rule.enabled ? "on" : "off"} />
        </>
      }
      subtitle={rule.description}
      onClose={onClose}
      actions={
        canManage && (
          <>
            <Button
              variant={rule.enabled ? "default" : "primary"}
              disabled={switchRule.isPending}
              onClick={() => {
                switchRule.mutate(
                  { rule: rule.rule, enabled: !rule.enabled },
                  {
                    onError: (error) => {
                      notify(`Could not switch ${rule.rule}. ${explain(error)}`, "bad");
                    },
                  },
                );
              }}
            >
              <Power size={15} strokeWidth={1.75} aria-hidden />
              {rule.enabled ? "Switch off" : "Switch on"}
            </Button>
            <Button
              onClick={() => {
                onEdit(rule.rule);
              }}
            >
              <Pencil size={15} strokeWidth={1.75} aria-hidden />
              {rule.source === "tenant" ? "Edit" : "Copy and edit"}
            </Button>
            {rule.source === "tenant" && (
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
      {rule.error && (
        <p role="alert" className="mb-4 text-bad-fg">
          {rule.error}
        </p>
      )}
      <PeekSection title="Tells">
        <p>
          {(rule.notify ?? []).join(", ") || (
            <span className="text-fg-muted">Nobody by itself; channels may follow all alerts.</span>
          )}
        </p>
      </PeekSection>
      <PeekSection title="Text">
        {detail.data ? (
          <CodeBlock code={detail.data.yaml} label="Rule" />
        ) : detail.isError ? (
          <ErrorState what="load the rule" error={detail.error} retry={() => void detail.refetch()} />
        ) : (
          <Skeleton className="h-60" />
        )}
      </PeekSection>
      {deleting && (
        <ConfirmDialog
          title={`Delete ${rule.rule}`}
          verb="Delete"
          name={rule.rule}
          pending={remove.isPending}
          error={remove.error}
          onConfirm={() => {
            remove.mutate(rule.rule, {
              onSuccess: () => {
                notify(`Deleted ${rule.rule}`);
                onClose();
              },
            });
          }}
          onClose={() => {
            setDeleting(false);
          }}
        >
          It raises nothing more. Alerts that it raised stay in history.
        </ConfirmDialog>
      )}
    </Peek>
  );
}
