import { FlaskConical, Undo2 } from "lucide-react";
import { useState } from "react";
import { Badge } from "@/components/badge";
import { PeekSection } from "@/components/peek";
import { ErrorState } from "@/components/states";
import { TextDiff } from "@/components/text-diff";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { explain } from "@/lib/api/problem";
import { cn } from "@/lib/cn";
import { notify } from "@/lib/toasts";
import { usePackVersion, usePackVersions, useRestorePack } from "../api/pack-versions";
import { useTenantLayer, useTryPack } from "../api/pack-trials";
import { trialOf, triesOther } from "../pack-trial";

/** Part of the agents that try a version first, in per cent. */
const canaryPercent = 10;

/** What a pack has said, how a version that is tried first goes, what each would change, and the way to it. */
export function PackVersions({
  tenant,
  name,
  yaml,
  canManage,
  canTry,
}: {
  tenant: string;
  name: string;
  /** The pack's present text. */
  yaml: string;
  canManage: boolean;
  /** Whether one may say what agents are to do, of which a trial is a part. */
  canTry: boolean;
}) {
  const versions = usePackVersions(tenant, name, true);
  const [chosen, setChosen] = useState<number | null>(null);
  const text = usePackVersion(tenant, name, chosen);
  const restore = useRestorePack(tenant);
  const layer = useTenantLayer(tenant, true);
  const tryPack = useTryPack(tenant, layer.data);
  const trial = trialOf(layer.data ?? undefined, name);
  const busy = restore.isPending || tryPack.isPending || !layer.isSuccess;
  const failed = (error: unknown) => {
    notify(`Could not change ${name}. ${explain(error)}`, "bad");
  };
  const giveAll = (number: number) => {
    restore.mutate(
      { name, number },
      {
        onSuccess: () => {
          setChosen(null);
          notify(`All agents get version ${number} of ${name}`);
          // What all have needs no trial any more.
          if (trial) tryPack.mutate({ pack: name, number: null }, { onError: failed });
        },
        onError: failed,
      },
    );
  };
  const start = (number: number) => {
    tryPack.mutate(
      { pack: name, number, percent: canaryPercent },
      {
        onSuccess: () => {
          notify(`${canaryPercent} % of the agents try version ${number} of ${name}`);
        },
        onError: failed,
      },
    );
  };
  const takeBack = () => {
    tryPack.mutate(
      { pack: name, number: null },
      {
        onSuccess: () => {
          notify(`No agent tries a version of ${name} any more`);
        },
        onError: failed,
      },
    );
  };
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
      {trial && (
        <div className="mb-2 rounded-sm border border-border px-2.5 py-2">
          <p className="flex items-center gap-2">
            {trial.state === "rolling" ? (
              <Badge tone="wait">
                <FlaskConical aria-hidden />
                On trial
              </Badge>
            ) : trial.state === "stopped" ? (
              <Badge tone="bad">
                <Undo2 aria-hidden />
                Taken back
              </Badge>
            ) : (
              <Badge tone="ok">On all</Badge>
            )}
            <span className="font-medium">Version {trial.number}</span>
            <span className="text-xs text-fg-muted">
              {trial.state === "done" ? "instead of the present text" : `on ${trial.percent} % of the agents`}
              , <Time at={trial.since} />
            </span>
          </p>
          {trial.reason && <p className="mt-1 text-bad-fg">{trial.reason}</p>}
          {canTry && (
            <div className="mt-2 flex gap-2">
              {canManage && (
                <Button
                  size="small"
                  variant="primary"
                  disabled={busy}
                  onClick={() => {
                    giveAll(trial.number);
                  }}
                >
                  Give it to all
                </Button>
              )}
              <Button size="small" disabled={busy} onClick={takeBack}>
                {trial.state === "stopped" ? "Dismiss" : "Take back"}
              </Button>
            </div>
          )}
        </div>
      )}
      <ul className="mb-2 divide-y divide-border rounded-sm border border-border">
        {versions.data?.map(({ number, saved_at, saved_by, present }) => (
          <li
            key={number}
            className={cn("flex items-center gap-2 px-2.5", number === chosen && "bg-selected")}
          >
            <button
              type="button"
              aria-pressed={number === chosen}
              disabled={present}
              onClick={() => {
                setChosen(number === chosen ? null : number);
              }}
              className="focus-inset flex min-h-8 min-w-0 flex-1 items-center gap-2 text-left enabled:hover:text-primary-text"
            >
              <span className="flex-none font-medium tnum">Version {number}</span>
              <span className="min-w-0 flex-1 truncate text-xs text-fg-muted">
                {saved_by}, <Time at={saved_at} />
              </span>
              <span className="text-xs text-fg-subtle">{present ? "present" : "compare"}</span>
            </button>
            {!present && canTry && number !== trial?.number && !triesOther(layer.data ?? undefined, name) && (
              <Button
                size="small"
                disabled={busy}
                onClick={() => {
                  start(number);
                }}
              >
                <FlaskConical size={13} aria-hidden />
                Try on {canaryPercent} %
              </Button>
            )}
            {!present && canManage && number !== trial?.number && (
              <Button
                size="small"
                disabled={busy}
                onClick={() => {
                  giveAll(number);
                }}
              >
                <Undo2 size={13} aria-hidden />
                Give to all
              </Button>
            )}
          </li>
        ))}
      </ul>
      {layer.isError && <p className="text-bad-fg">Could not load what is tried. {explain(layer.error)}</p>}
      {text.data !== undefined && chosen !== null && (
        <TextDiff before={yaml} after={text.data} label={`What version ${chosen} changes`} />
      )}
      {text.isError && <p className="text-bad-fg">{explain(text.error)}</p>}
    </PeekSection>
  );
}
