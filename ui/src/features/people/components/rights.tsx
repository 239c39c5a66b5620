import { Ban, Check, Minus, Undo2 } from "lucide-react";
import { useState } from "react";
import { ErrorState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { Tooltip } from "@/components/ui/tooltip";
import { explain } from "@/lib/api/problem";
import { notify } from "@/lib/toasts";
import { useAllowRight, useDenied } from "../api/denied-rights";
import { useAccess } from "../api/explain-access";
import { DenyDialog } from "./deny-dialog";

/** What everybody may do with their own account; it cannot be taken away. */
const ownAccount = "self.manage";

/** Each right of a person in this tenant, with the reason in the server's words; a manager takes single ones away and gives them back. */
export function Rights({ tenant, user, canManage }: { tenant: string; user: string; canManage: boolean }) {
  const access = useAccess(tenant, user);
  const denied = useDenied(tenant, user);
  const allow = useAllowRight(tenant, user);
  const [denying, setDenying] = useState<string | null>(null);
  if (access.isPending) {
    return (
      <div role="status">
        <span className="sr-only">Loading the rights</span>
        <Skeleton className="h-40" />
      </div>
    );
  }
  if (!access.data) {
    return <ErrorState what="load the rights" error={access.error} retry={() => void access.refetch()} />;
  }
  const { summary, rights } = access.data;
  const taken = new Set(denied.data);
  const giveBack = (permission: string) => {
    allow.mutate(permission, {
      onSuccess: () => {
        notify(`Gave ${permission} back`);
      },
      onError: (error) => {
        notify(`Could not give ${permission} back. ${explain(error)}`, "bad");
      },
    });
  };
  return (
    <>
      <p className="mb-2 text-md">{summary}</p>
      {taken.size > 0 && (
        <p className="mb-2 text-xs text-fg-muted">Taken away here: {[...taken].map(nameOf).join(", ")}</p>
      )}
      <ul className="divide-y divide-border rounded-sm border border-border">
        {(rights ?? []).map(({ permission, may, why }) => (
          <li key={permission} className="flex items-start gap-2 px-2.5 py-1.5">
            {may ? (
              <Check size={15} className="mt-px shrink-0 text-ok-fg" aria-label="May" />
            ) : (
              <Minus size={15} className="mt-px shrink-0 text-off-fg" aria-label="May not" />
            )}
            <span className="min-w-0 flex-1">
              <span className="font-mono text-xs">{permission}</span>
              <span className="block text-xs text-fg-muted">{why}</span>
            </span>
            {canManage && taken.has(permission) && (
              <Tooltip content="Give back">
                <Button
                  variant="ghost"
                  size="icon"
                  aria-label={`Give ${permission} back`}
                  disabled={allow.isPending}
                  onClick={() => {
                    giveBack(permission);
                  }}
                >
                  <Undo2 size={14} strokeWidth={1.75} />
                </Button>
              </Tooltip>
            )}
            {canManage && may && permission !== ownAccount && (
              <Tooltip content="Take away">
                <Button
                  variant="ghost"
                  size="icon"
                  aria-label={`Take ${permission} away`}
                  onClick={() => {
                    setDenying(permission);
                  }}
                >
                  <Ban size={14} strokeWidth={1.75} />
                </Button>
              </Tooltip>
            )}
          </li>
        ))}
      </ul>
      {denying && (
        <DenyDialog
          tenant={tenant}
          user={user}
          permission={denying}
          onClose={() => {
            setDenying(null);
          }}
        />
      )}
    </>
  );
}

function nameOf(permission: string): string {
  return permission === "*" ? "everything" : permission;
}
