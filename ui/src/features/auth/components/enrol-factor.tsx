import { useMutation } from "@tanstack/react-query";
import { LoaderCircle } from "lucide-react";
import { useState, type FormEvent } from "react";
import { CodeBlock } from "@/components/code-block";
import { Field } from "@/components/field";
import { fieldErrors } from "@/components/form-dialog";
import { FormProblem } from "@/components/form-problem";
import { ErrorState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { explain } from "@/lib/api/problem";
import { mayGoOn, useConfirmNewFactor, useNewFactor } from "../api/second-factor";

/** Sets up the second factor that one's role wants, before the console opens: key, first code, recovery codes. */
export function EnrolFactor({ onDone }: { onDone: () => void }) {
  const factor = useNewFactor();
  const confirm = useConfirmNewFactor();
  const later = useMutation({ mutationFn: mayGoOn, onSuccess: onDone });
  const [missing, setMissing] = useState(false);

  if (confirm.data) return <RecoveryCodes codes={confirm.data.recovery_codes ?? []} onKept={onDone} />;
  if (factor.isError) {
    return <ErrorState what="make a key" error={factor.error} retry={() => void factor.refetch()} />;
  }
  if (!factor.data) {
    return (
      <div role="status">
        <span className="sr-only">Making a key</span>
        <Skeleton className="h-60" />
      </div>
    );
  }
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get("code")).trim();
    setMissing(code === "");
    if (code !== "") confirm.mutate(code);
  };
  const refused = fieldErrors(confirm.error);
  const problem = (confirm.error && !refused["code"] ? confirm.error : null) ?? later.error;
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      {problem && <FormProblem>{explain(problem)}</FormProblem>}
      <div className="flex flex-col gap-1.5">
        <p className="font-medium">1. Add this key to an authenticator</p>
        <CodeBlock code={factor.data.secret} label="Key" />
        <p className="text-xs text-fg-subtle">
          On this device,{" "}
          <a href={factor.data.url} className="text-primary-text underline">
            open it in your authenticator
          </a>
          .
        </p>
      </div>
      <Field
        label="2. Type the code that it shows"
        name="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        spellCheck={false}
        error={missing ? "Type the six digits." : refused["code"]}
      />
      <Button type="submit" variant="primary" size="large" disabled={confirm.isPending}>
        {confirm.isPending && <LoaderCircle size={15} className="animate-spin" aria-hidden />}
        Switch on
      </Button>
      <Button
        variant="ghost"
        disabled={later.isPending}
        onClick={() => {
          later.mutate();
        }}
      >
        Not now
      </Button>
    </form>
  );
}

function RecoveryCodes({ codes, onKept }: { codes: string[]; onKept: () => void }) {
  return (
    <div className="flex flex-col gap-4">
      <p role="status">
        Your second factor is on. Each of these codes works once in place of one, for when the authenticator
        is lost. They show only now.
      </p>
      <CodeBlock code={codes.join("\n")} label="Recovery codes" />
      <Button variant="primary" size="large" onClick={onKept}>
        I have kept them
      </Button>
    </div>
  );
}
