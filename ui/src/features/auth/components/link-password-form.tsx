import { LoaderCircle } from "lucide-react";
import { useState, type FormEvent } from "react";
import { Field } from "@/components/field";
import { fieldErrors } from "@/components/form-dialog";
import { FormProblem } from "@/components/form-problem";
import { Button } from "@/components/ui/button";
import { explain } from "@/lib/api/problem";
import { useAccountLinkPassword } from "../api/account-link";
import { newPasswordProblems, passwordHint } from "./new-password";

/** Sets the password of the person that an invitation or a reset is for. */
export function LinkPasswordForm({
  token,
  email,
  onSet,
}: {
  token: string;
  email: string;
  onSet: (signedIn: boolean) => void;
}) {
  const set = useAccountLinkPassword();
  const [problems, setProblems] = useState<ReturnType<typeof newPasswordProblems>>({});
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const password = String(form.get("password"));
    const next = newPasswordProblems(password, String(form.get("repeated")));
    setProblems(next);
    if (next.password ?? next.repeated) return;
    set.mutate(
      { token, password },
      {
        onSuccess: ({ signedIn }) => {
          onSet(signedIn);
        },
      },
    );
  };
  const refused = fieldErrors(set.error);
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      {set.error && !refused["password"] && <FormProblem>{explain(set.error)}</FormProblem>}
      {/* What a password manager keeps the new password under. */}
      <Field label="E-mail" name="email" autoComplete="username" value={email} readOnly />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="new-password"
        hint={passwordHint}
        error={problems.password ?? refused["password"]}
      />
      <Field
        label="Password again"
        name="repeated"
        type="password"
        autoComplete="new-password"
        error={problems.repeated}
      />
      <Button type="submit" variant="primary" size="large" disabled={set.isPending}>
        {set.isPending && <LoaderCircle size={15} className="animate-spin" aria-hidden />}
        Set password
      </Button>
    </form>
  );
}
