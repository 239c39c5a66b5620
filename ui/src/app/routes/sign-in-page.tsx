import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { ChangePasswordForm } from "@/features/auth/components/change-password-form";
import { SignInForm } from "@/features/auth/components/sign-in-form";
import type { Credentials } from "@/features/auth/api/sign-in";
import { useTitle } from "@/hooks/use-title";
import { mustChangePassword } from "@/lib/api/session";
import { Logo } from "../frame/logo";

const route = getRouteApi("/sign-in");

/** One column: sign in, and a new password first when the old one was given by somebody else. */
export function SignInPage() {
  const { return_to: returnTo, ended } = route.useSearch();
  const router = useRouter();
  const queries = useQueryClient();
  const [changing, setChanging] = useState(mustChangePassword());
  const [credentials, setCredentials] = useState<Credentials | null>(null);

  useTitle(changing ? "New password" : "Sign in");

  const enter = () => {
    queries.clear();
    router.history.push(returnTo ?? "/");
  };

  return (
    <main className="grid min-h-full place-items-center px-4 py-10">
      <div className="w-full max-w-[360px]">
        <Logo className="mb-6 size-9" />
        <h1 className="text-xl font-[650]">{changing ? "Choose a new password" : "Sign in to Tenantra"}</h1>
        <p className="mt-1 mb-6 text-fg-muted">
          {changing
            ? "The one you signed in with was set by somebody else and works once."
            : ended
              ? "Your session ended. Sign in to go on where you were."
              : "Use the account your administrator gave you."}
        </p>
        {changing ? (
          <ChangePasswordForm
            email={credentials?.email ?? null}
            oneTimePassword={credentials?.password ?? null}
            onChanged={enter}
          />
        ) : (
          <SignInForm
            onSignedIn={(used, mustChange) => {
              setCredentials(used);
              if (mustChange) setChanging(true);
              else enter();
            }}
          />
        )}
      </div>
    </main>
  );
}
