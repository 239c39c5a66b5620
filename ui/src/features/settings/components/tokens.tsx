import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { Badge } from "@/components/badge";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Field } from "@/components/field";
import { fieldErrors, FormDialog } from "@/components/form-dialog";
import { Panel } from "@/components/panel";
import { SecretOnce } from "@/components/secret-once";
import { SelectField } from "@/components/select-field";
import { EmptyState, ErrorState } from "@/components/states";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { useDialog } from "@/hooks/use-dialog";
import { useMe } from "@/hooks/use-me";
import type { ApiToken } from "@/lib/api/types";
import { notify } from "@/lib/toasts";
import { useCreateToken, useEndToken, useTokens } from "../api/tokens";

const lives = [
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "a year" },
];

/** Tokens with which programs act as oneself in this tenant: made, listed with their last use, ended. */
export function Tokens({ tenant }: { tenant: string }) {
  const tokens = useTokens(tenant);
  const [creating, setCreating] = useDialog("token", true);
  const [ending, setEnding] = useState<ApiToken | null>(null);
  const end = useEndToken(tenant);
  return (
    <Panel
      title="API tokens"
      aside={
        <Button
          size="small"
          onClick={() => {
            setCreating(true);
          }}
        >
          <Plus size={13} aria-hidden />
          Create token
        </Button>
      }
    >
      {tokens.isPending ? (
        <div role="status" className="p-3.5">
          <span className="sr-only">Loading the tokens</span>
          <Skeleton className="h-16" />
        </div>
      ) : tokens.isError ? (
        <ErrorState what="load the tokens" error={tokens.error} retry={() => void tokens.refetch()} />
      ) : tokens.data.items.length === 0 ? (
        <EmptyState icon={KeyRound} title="No token yet" className="border-t border-border py-8">
          Programs sign in with one: TENANTRA_TOKEN for tenantractl, a bearer token for the API.
        </EmptyState>
      ) : (
        <ul className="mt-1">
          {tokens.data.items.map((token) => (
            <li key={token.id} className="flex items-center gap-3 border-t border-border px-3.5 py-2">
              <div className="min-w-0 flex-1">
                <p className="truncate font-[550]">
                  {token.name}{" "}
                  <span className="font-mono text-xs font-normal text-fg-subtle">…{token.hint}</span>
                </p>
                <p className="text-xs text-fg-muted">
                  used <Time at={token.last_used_at} /> · ends <Time at={token.expires_at} /> ·{" "}
                  {(token.permissions ?? []).join(", ") || "all of your rights"}
                </p>
              </div>
              {token.revoked_at ? (
                <Badge tone="off">Ended</Badge>
              ) : (
                <Button
                  size="small"
                  onClick={() => {
                    setEnding(token);
                  }}
                >
                  End
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {creating && (
        <CreateToken
          tenant={tenant}
          onClose={() => {
            setCreating(false);
          }}
        />
      )}
      {ending && (
        <ConfirmDialog
          title={`End ${ending.name}`}
          verb="End"
          pending={end.isPending}
          error={end.error}
          onConfirm={() => {
            end.mutate(ending.id, {
              onSuccess: () => {
                notify(`Ended ${ending.name}`);
                setEnding(null);
              },
            });
          }}
          onClose={() => {
            setEnding(null);
          }}
        >
          Programs that use it are refused at once.
        </ConfirmDialog>
      )}
    </Panel>
  );
}

function CreateToken({ tenant, onClose }: { tenant: string; onClose: () => void }) {
  const create = useCreateToken(tenant);
  const { permissions } = useMe();
  const [days, setDays] = useState("90");
  const [chosen, setChosen] = useState<string[]>([]);
  const refused = fieldErrors(create.error);
  if (create.data) {
    return (
      <SecretOnce
        title={`Created ${create.data.token.name}`}
        explanation="Keep it as you keep a password. It shows only now."
        label="Token"
        secret={create.data.secret}
        onClose={onClose}
      />
    );
  }
  return (
    <FormDialog
      title="Create a token"
      description="It acts as you in this tenant and below, with the rights chosen here."
      verb="Create"
      pending={create.isPending}
      error={create.error}
      onSubmit={(form) => {
        create.mutate({
          name: String(form.get("name")).trim(),
          expires_in_days: Number(days),
          ...(chosen.length > 0 && { permissions: chosen }),
        });
      }}
      onClose={onClose}
    >
      <Field label="Name" name="name" hint="What uses it: backup job, CI." error={refused["name"]} />
      <SelectField label="Ends after" options={lives} value={days} onValue={setDays} />
      <fieldset className="flex flex-col gap-1">
        <legend className="mb-1 font-medium">Rights (none chosen: all of yours)</legend>
        <div className="grid gap-x-4 sm:grid-cols-2">
          {(permissions ?? []).map((permission) => (
            <label key={permission} className="flex min-h-6 items-center gap-2">
              <input
                type="checkbox"
                checked={chosen.includes(permission)}
                onChange={(event) => {
                  setChosen(
                    event.target.checked
                      ? [...chosen, permission]
                      : chosen.filter((each) => each !== permission),
                  );
                }}
              />
              <span className="font-mono text-xs">{permission}</span>
            </label>
          ))}
        </div>
      </fieldset>
    </FormDialog>
  );
}
