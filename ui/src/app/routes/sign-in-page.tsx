import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { lacksFactor } from "@/features/auth/api/second-factor";
import type { Credentials } from "@/features/auth/api/sign-in";
import { ChangePasswordForm } from "@/features/auth/components/change-password-form";
import { EnrolFactor } from "@/features/auth/components/enrol-factor";
import { SignInColumn } from "@/features/auth/components/sign-in-column";
import { SignInForm } from "@/features/auth/components/sign-in-form";
import { useTitle } from "@/hooks/use-title";
import { mustChangePassword } from "@/lib/api/session";
import { Logo } from "../frame/logo";

const route = getRouteApi("/sign-in");
const titles = {
  credentials: "Sign in to Tenantra",
  password: "Choose a new password",
  factor: "Set up a second factor",
};

/** Signs in; then a new password where the old one was given by somebody else, and the second factor that a role wants. */
export function SignInPage() {
  const { return_to: returnTo, ended, reset } = route.useSearch();
  const router = useRouter();
  const queries = useQueryClient();
  const [step, setStep] = useState<keyof typeof titles>(mustChangePassword() ? "password" : "credentials");
  const [credentials, setCredentials] = useState<Credentials | null>(null);
  useTitle(titles[step]);

  const enter = () => {
    queries.clear();
    router.history.push(returnTo ?? "/");
  };
  const goOn = async () => {
    // Whether the role wants a factor decides no right here: a question that fails must keep nobody out.
    if (await lacksFactor().catch(() => false)) setStep("factor");
    else enter();
  };
  const lead = {
    credentials: reset
      ? "Your new password is set. Sign in with it."
      : ended
        ? "Your session ended. Sign in to go on where you were."
        : "Use the account your administrator gave you.",
    password: "The one you signed in with was set by somebody else and works once.",
    factor: "Your role may do nothing dangerous without one: a stolen password alone then opens nothing.",
  }[step];

  return (
    <SignInColumn logo={<Logo className="mb-6 size-9" />} title={titles[step]} lead={lead}>
      {step === "credentials" && (
        <>
          <SignInForm
            onSignedIn={(used, mustChange) => {
              setCredentials(used);
              if (mustChange) setStep("password");
              else void goOn();
            }}
          />
          <p className="mt-5 text-center">
            <Link
              to="/reset"
              className="inline-block min-h-6 text-primary-text underline-offset-2 hover:underline"
            >
              Forgot your password?
            </Link>
          </p>
        </>
      )}
      {step === "password" && (
        <ChangePasswordForm
          email={credentials?.email ?? null}
          oneTimePassword={credentials?.password ?? null}
          onChanged={() => void goOn()}
        />
      )}
      {step === "factor" && <EnrolFactor onDone={enter} />}
    </SignInColumn>
  );
}
