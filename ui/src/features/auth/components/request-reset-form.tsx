import { LoaderCircle } from "lucide-react";
import { useState, type FormEvent } from "react";
import { Field } from "@/components/field";
import { FormProblem } from "@/components/form-problem";
import { Button } from "@/components/ui/button";
import { explain } from "@/lib/api/problem";
import { useRequestReset } from "../api/account-link";

/** Asks where to mail a link for a new password. */
export function RequestResetForm({ onRequested }: { onRequested: (email: string) => void }) {
  const request = useRequestReset();
  const [missing, setMissing] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const email = String(new FormData(event.currentTarget).get("email")).trim();
    setMissing(email === "");
    if (email === "") return;
    request.mutate(email, {
      onSuccess: () => {
        onRequested(email);
      },
    });
  };
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      {request.error && <FormProblem>{explain(request.error)}</FormProblem>}
      <Field
        label="E-mail"
        name="email"
        type="email"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        error={missing ? "Enter your e-mail address." : undefined}
      />
      <Button type="submit" variant="primary" size="large" disabled={request.isPending}>
        {request.isPending && <LoaderCircle size={15} className="animate-spin" aria-hidden />}
        Send the link
      </Button>
    </form>
  );
}
