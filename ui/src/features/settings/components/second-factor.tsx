import { ShieldCheck, ShieldOff } from "lucide-react";
import { useState } from "react";
import { Badge } from "@/components/badge";
import { CodeBlock } from "@/components/code-block";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Field } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import { Panel } from "@/components/panel";
import { SecretOnce } from "@/components/secret-once";
import { ErrorState } from "@/components/states";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { explain } from "@/lib/api/problem";
import { plural } from "@/lib/format";
import { notify } from "@/lib/toasts";
import {
  useConfirmFactor,
  useDropFactor,
  useMakeFactor,
  useNewRecoveryCodes,
  useSecondFactor,
} from "../api/second-factor";

/** A code from an authenticator beside the password: set up, recovery codes, removal. */
export function SecondFactor() {
  const factor = useSecondFactor();
  const make = useMakeFactor();
  const confirm = useConfirmFactor();
  const renew = useNewRecoveryCodes();
  const drop = useDropFactor();
  const [dropping, setDropping] = useState(false);
  const codes = confirm.data?.recovery_codes ?? renew.data?.recovery_codes;

  const badly = (what: string) => (error: unknown) => {
    notify(`Could not ${what}. ${explain(error)}`, "bad");
  };
  return (
    <Panel title="Second factor">
      {factor.isPending ? (
        <div role="status" className="p-3.5">
          <span className="sr-only">Loading the second factor</span>
          <Skeleton className="h-16" />
        </div>
      ) : factor.isError ? (
        <ErrorState what="load the second factor" error={factor.error} retry={() => void factor.refetch()} />
      ) : (
        <div className="flex flex-wrap items-center gap-3 border-t border-border px-3.5 py-3">
          {factor.data.enabled ? (
            <>
              <Badge tone="ok">
                <ShieldCheck aria-hidden />
                On
              </Badge>
              <p className="min-w-50 flex-1 text-fg-muted">
                Since <Time at={factor.data.confirmed_at} />,{" "}
                {plural(factor.data.recovery_codes_left, "recovery code")} left.
              </p>
              <Button
                disabled={renew.isPending}
                onClick={() => {
                  renew.mutate(undefined, { onError: badly("make new codes") });
                }}
              >
                New recovery codes
              </Button>
              {!factor.data.required && (
                <Button
                  onClick={() => {
                    setDropping(true);
                  }}
                >
                  Remove
                </Button>
              )}
            </>
          ) : (
            <>
              <Badge tone="warn">
                <ShieldOff aria-hidden />
                Off
              </Badge>
              <p className="min-w-50 flex-1 text-fg-muted">
                {factor.data.required
                  ? "Your role needs one before it may change anything."
                  : "A stolen password alone then opens nothing."}
              </p>
              <Button
                variant="primary"
                disabled={make.isPending}
                onClick={() => {
                  make.mutate(undefined, { onError: badly("make a second factor") });
                }}
              >
                Set up
              </Button>
            </>
          )}
        </div>
      )}
      {make.data && !codes && (
        <FormDialog
          title="Set up a second factor"
          description="Add this key to an authenticator, then type the code that it shows."
          verb="Switch on"
          pending={confirm.isPending}
          error={confirm.error}
          onSubmit={(form) => {
            confirm.mutate(String(form.get("code")).trim());
          }}
          onClose={() => {
            make.reset();
            confirm.reset();
          }}
        >
          <CodeBlock code={make.data.secret} label="Key" />
          <p className="text-fg-muted">
            On this device,{" "}
            <a href={make.data.url} className="text-primary-text underline">
              open it in your authenticator
            </a>
            .
          </p>
          <Field label="Code" name="code" inputMode="numeric" autoComplete="one-time-code" />
        </FormDialog>
      )}
      {codes && (
        <SecretOnce
          title="Your recovery codes"
          explanation="Each works once in place of a code, for when the authenticator is lost. They show only now."
          label="Recovery codes"
          secret={codes.join("\n")}
          onClose={() => {
            make.reset();
            confirm.reset();
            renew.reset();
          }}
        />
      )}
      {dropping && (
        <ConfirmDialog
          title="Remove the second factor"
          verb="Remove"
          pending={drop.isPending}
          error={drop.error}
          onConfirm={() => {
            drop.mutate(undefined, {
              onSuccess: () => {
                setDropping(false);
                notify("Removed the second factor");
              },
            });
          }}
          onClose={() => {
            setDropping(false);
          }}
        >
          Your password alone opens the account again, and the recovery codes end.
        </ConfirmDialog>
      )}
    </Panel>
  );
}
