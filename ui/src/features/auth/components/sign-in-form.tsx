import { LoaderCircle } from "lucide-react";
import { useState, type FormEvent } from "react";
import { Field } from "@/components/field";
import { Button } from "@/components/ui/button";
import { ApiError, explain } from "@/lib/api/problem";
import { useSignIn, type Credentials } from "../api/sign-in";
import { FormProblem } from "@/components/form-problem";

/**
 * E-mail and password, then the code where the account has a second factor. Paste and password managers work: nothing here
 * fights them.
 */
export function SignInForm({
  onSignedIn,
}: {
  onSignedIn: (credentials: Credentials, mustChangePassword: boolean) => void;
}) {
  const signIn = useSignIn();
  const [missing, setMissing] = useState<{ email?: string; password?: string }>({});
  // Once the server has asked for a code, the field stays, also while a wrong one is corrected.
  const [asksCode, setAsksCode] = useState(false);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const code = String(form.get("code") ?? "").trim();
    const credentials: Credentials = {
      email: String(form.get("email")).trim(),
      password: String(form.get("password")),
      ...(code && { code }),
    };
    const next = {
      email: credentials.email ? undefined : "Enter your e-mail address.",
      password: credentials.password ? undefined : "Enter your password.",
    };
    setMissing(next);
    if (next.email || next.password) return;
    signIn.mutate(credentials, {
      onSuccess: ({ mustChangePassword }) => {
        onSignedIn(credentials, mustChangePassword);
      },
      onError: (error) => {
        if (wantsCode(error)) setAsksCode(true);
      },
    });
  };

  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      {signIn.error && !(wantsCode(signIn.error) && !signIn.variables.code) && (
        <FormProblem>{refusal(signIn.error)}</FormProblem>
      )}
      <Field
        label="E-mail"
        name="email"
        type="email"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        error={missing.email}
      />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        error={missing.password}
      />
      {asksCode && (
        <Field
          label="Code"
          name="code"
          autoComplete="one-time-code"
          autoCapitalize="none"
          spellCheck={false}
          // The code is asked for after the password was right, so it is what one types next.
          // eslint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
          hint="From your authenticator, or one of your recovery codes."
        />
      )}
      <Button type="submit" variant="primary" size="large" disabled={signIn.isPending}>
        {signIn.isPending && <LoaderCircle size={15} className="animate-spin" aria-hidden />}
        Sign in
      </Button>
    </form>
  );
}

function wantsCode(error: unknown): boolean {
  return error instanceof ApiError && error.code === "second_factor_required";
}

/** Why sign-in was refused. Which of the two was wrong is not told, here as on the server. */
function refusal(error: unknown): string {
  if (!(error instanceof ApiError)) return explain(error);
  if (wantsCode(error)) return "The code is not right. It changes every 30 seconds and works once.";
  if (error.status === 401) return "E-mail and password do not match an account.";
  if (error.status === 429) {
    const wait = error.retryAfterSeconds;
    if (!wait) return "Too many attempts. Wait a few minutes, then try again.";
    return `Too many attempts. Try again in ${wait < 90 ? `${wait} s` : `${Math.ceil(wait / 60)} min`}.`;
  }
  return error.message;
}
