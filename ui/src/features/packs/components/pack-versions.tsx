import { Undo2 } from "lucide-react";
import { useState } from "react";
import { PeekSection } from "@/components/peek";
import { ErrorState } from "@/components/states";
import { TextDiff } from "@/components/text-diff";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { explain } from "@/lib/api/problem";
import { cn } from "@/lib/cn";
import { notify } from "@/lib/toasts";
import { usePackVersion, usePackVersions, useRestorePack } from "../api/pack-versions";

/** What a pack said before, what that would change now, and the way back to it. */
export function PackVersions({
  tenant,
  name,
  yaml,
  canManage,
}: {
  tenant: string;
  name: string;
  /** The pack's present text. */
  yaml: string;
  canManage: boolean;
}) {
  const versions = usePackVersions(tenant, name, true);
  const [chosen, setChosen] = useState<number | null>(null);
  const text = usePackVersion(tenant, name, chosen);
  const restore = useRestorePack(tenant);
  if (versions.isError) {
    return (
      <ErrorState
        what="load the versions"
        error={versions.error}
        retry={() => void versions.refetch()}
        className="py-4"
      />
    );
  }
  // One version is the present one: there is nothing to go back to.
  if ((versions.data?.length ?? 0) < 2) return null;
  return (
    <PeekSection title="Versions">
      <ul className="mb-2 divide-y divide-border rounded-sm border border-border">
        {versions.data?.map(({ number, saved_at, saved_by }, index) => (
          <li
            key={number}
            className={cn("flex items-center gap-2 px-2.5", number === chosen && "bg-selected")}
          >
            <button
              type="button"
              aria-pressed={number === chosen}
              disabled={index === 0}
              onClick={() => {
                setChosen(number === chosen ? null : number);
              }}
              className="focus-inset flex min-h-8 min-w-0 flex-1 items-center gap-2 text-left enabled:hover:text-primary-text"
            >
              <span className="font-medium tnum">Version {number}</span>
              <span className="min-w-0 flex-1 truncate text-xs text-fg-muted">
                {saved_by}, <Time at={saved_at} />
              </span>
              <span className="text-xs text-fg-subtle">{index === 0 ? "present" : "compare"}</span>
            </button>
            {index > 0 && canManage && (
              <Button
                size="small"
                disabled={restore.isPending}
                onClick={() => {
                  restore.mutate(
                    { name, number },
                    {
                      onSuccess: () => {
                        setChosen(null);
                        notify(`${name} says again what version ${number} said`);
                      },
                      onError: (error) => {
                        notify(`Could not roll ${name} back. ${explain(error)}`, "bad");
                      },
                    },
                  );
                }}
              >
                <Undo2 size={13} aria-hidden />
                Roll back
              </Button>
            )}
          </li>
        ))}
      </ul>
      {text.data !== undefined && chosen !== null && (
        <TextDiff before={yaml} after={text.data} label={`Back to version ${chosen}`} />
      )}
      {text.isError && <p className="text-bad-fg">{explain(text.error)}</p>}
    </PeekSection>
  );
}
