import { LoaderCircle } from "lucide-react";
import { useState, type FormEvent } from "react";
import { Field } from "@/components/field";
import { Button } from "@/components/ui/button";
import { ApiError, explain } from "@/lib/api/problem";
import { useSignIn, type Credentials } from "../api/sign-in";
import { FormProblem } from "./form-problem";

/** E-mail and password. Paste and password managers work: nothing here fights them. */
export function SignInForm({
  onSignedIn,
}: {
  onSignedIn: (credentials: Credentials, mustChangePassword: boolean) => void;
}) {
  const signIn = useSignIn();
  const [missing, setMissing] = useState<{ email?: string; password?: string }>({});

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const credentials = { email: String(form.get("email")).trim(), password: String(form.get("password")) };
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
    });
  };

  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      {signIn.error && <FormProblem>{refusal(signIn.error)}</FormProblem>}
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
      <Button type="submit" variant="primary" size="large" disabled={signIn.isPending}>
        {signIn.isPending && <LoaderCircle size={15} className="animate-spin" aria-hidden />}
        Sign in
      </Button>
    </form>
  );
}

/** Why sign-in was refused. Which of the two was wrong is not told, here as on the server. */
function refusal(error: unknown): string {
  if (!(error instanceof ApiError)) return explain(error);
  if (error.status === 401) return "E-mail and password do not match an account.";
  if (error.status === 429) {
    const wait = error.retryAfterSeconds;
    if (!wait) return "Too many attempts. Wait a few minutes, then try again.";
    return `Too many attempts. Try again in ${wait < 90 ? `${wait} s` : `${Math.ceil(wait / 60)} min`}.`;
  }
  return error.message;
}
