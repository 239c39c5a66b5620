import { LoaderCircle } from "lucide-react";
import { useState, type FormEvent } from "react";
import { Field } from "@/components/field";
import { Button } from "@/components/ui/button";
import { ApiError, explain } from "@/lib/api/problem";
import { useChangePassword } from "../api/change-password";
import { FormProblem } from "@/components/form-problem";
import { newPasswordProblems, passwordHint } from "./new-password";

type Fields = "currentPassword" | "newPassword" | "repeated";

/** Replaces a one-time password before anything else can be done. */
export function ChangePasswordForm({
  email,
  oneTimePassword,
  onChanged,
}: {
  email: string | null;
  /** The password just used to sign in; without it (after a reload) the form asks for it. */
  oneTimePassword: string | null;
  onChanged: () => void;
}) {
  const change = useChangePassword();
  const [problems, setProblems] = useState<Partial<Record<Fields, string>>>({});

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const currentPassword = oneTimePassword ?? String(form.get("currentPassword"));
    const newPassword = String(form.get("newPassword"));
    const wrong = newPasswordProblems(newPassword, String(form.get("repeated")));
    const next: typeof problems = {
      currentPassword: currentPassword ? undefined : "Enter the password you signed in with.",
      newPassword:
        wrong.password ??
        (newPassword === currentPassword
          ? "Choose one that differs from the password you were given."
          : undefined),
      repeated: wrong.repeated,
    };
    setProblems(next);
    if (Object.values(next).some(Boolean)) return;
    change.mutate({ currentPassword, newPassword }, { onSuccess: onChanged });
  };

  const refused = change.error instanceof ApiError ? change.error.fields : {};
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      {change.error && <FormProblem>{explain(change.error)}</FormProblem>}
      <input type="text" name="email" autoComplete="username" value={email ?? ""} readOnly hidden />
      {oneTimePassword === null && (
        <Field
          label="Current password"
          name="currentPassword"
          type="password"
          autoComplete="current-password"
          error={problems.currentPassword ?? refused["current_password"]}
        />
      )}
      <Field
        label="New password"
        name="newPassword"
        type="password"
        autoComplete="new-password"
        hint={passwordHint}
        error={problems.newPassword ?? refused["new_password"]}
      />
      <Field
        label="New password again"
        name="repeated"
        type="password"
        autoComplete="new-password"
        error={problems.repeated}
      />
      <Button type="submit" variant="primary" size="large" disabled={change.isPending}>
        {change.isPending && <LoaderCircle size={15} className="animate-spin" aria-hidden />}
        Set password
      </Button>
    </form>
  );
}
