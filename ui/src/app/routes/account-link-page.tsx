import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useAccountLink } from "@/features/auth/api/account-link";
import { lacksFactor } from "@/features/auth/api/second-factor";
import { EnrolFactor } from "@/features/auth/components/enrol-factor";
import { LinkPasswordForm } from "@/features/auth/components/link-password-form";
import { RequestResetForm } from "@/features/auth/components/request-reset-form";
import { SignInColumn } from "@/features/auth/components/sign-in-column";
import { ErrorState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { useTitle } from "@/hooks/use-title";
import { ApiError } from "@/lib/api/problem";
import { Logo } from "../frame/logo";

/**
 * The token stands behind the #, where no server and no log sees it. It is taken out of the address at once: it must not stay in
 * the history of a shared computer. A second link opened in the same tab changes nothing but the part behind the #.
 */
function useTokenOnce(): string {
  const [token, setToken] = useState(() => window.location.hash.slice(1));
  useEffect(() => {
    const take = () => {
      const found = window.location.hash.slice(1);
      if (!found) return;
      setToken(found);
      window.history.replaceState(window.history.state, "", window.location.pathname);
    };
    take();
    window.addEventListener("hashchange", take);
    return () => {
      window.removeEventListener("hashchange", take);
    };
  }, []);
  return token;
}

/** Who has an invitation or a link for a new password sets one here; who has none asks for one. */
export function AccountLinkPage() {
  const token = useTokenOnce();
  return token ? <SetPassword key={token} token={token} /> : <AskForLink />;
}

function SetPassword({ token }: { token: string }) {
  const link = useAccountLink(token);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [factor, setFactor] = useState(false);
  const invited = link.data?.kind === "invite";
  const title = factor
    ? "Set up a second factor"
    : invited
      ? `Welcome to ${link.data?.tenant ?? ""}`
      : "Set a new password";
  useTitle(title);
  const enter = () => {
    queries.clear();
    void navigate({ to: "/" });
  };
  const goOn = async (signedIn: boolean) => {
    if (!signedIn) await navigate({ to: "/sign-in", search: { reset: "1" } });
    // As at sign-in: a question that fails must keep nobody out.
    else if (await lacksFactor().catch(() => false)) setFactor(true);
    else enter();
  };
  if (link.isError) return <DeadLink error={link.error} retry={() => void link.refetch()} />;
  return (
    <SignInColumn
      logo={<Logo className="mb-6 size-9" />}
      title={title}
      lead={
        factor
          ? "Your role may do nothing dangerous without one: a stolen password alone then opens nothing."
          : link.data &&
            (invited
              ? `You are invited, ${link.data.name}. Set the password that you will sign in with.`
              : `For ${link.data.name} at ${link.data.tenant}. All your sessions end, and you sign in with the new one.`)
      }
    >
      {factor ? (
        <EnrolFactor onDone={enter} />
      ) : link.data ? (
        <LinkPasswordForm token={token} email={link.data.email} onSet={(signedIn) => void goOn(signedIn)} />
      ) : (
        <div role="status">
          <span className="sr-only">Reading the link</span>
          <Skeleton className="h-60" />
        </div>
      )}
    </SignInColumn>
  );
}

/** A link that was used or has expired cannot be retried, only replaced. */
function DeadLink({ error, retry }: { error: unknown; retry: () => void }) {
  useTitle("Link");
  const dead = error instanceof ApiError && error.status === 400;
  if (!dead) {
    return (
      <main className="pt-[16vh]">
        <h1 className="sr-only">Link</h1>
        <ErrorState what="read the link" error={error} retry={retry} />
      </main>
    );
  }
  return (
    <SignInColumn
      logo={<Logo className="mb-6 size-9" />}
      title="This link does not hold any more"
      lead="It was used, has expired or was replaced by a newer one. An invitation comes anew from who invited you."
    >
      <div className="flex flex-col gap-2">
        <Button asChild variant="primary" size="large">
          <Link to="/sign-in">Sign in</Link>
        </Button>
        <Button asChild size="large">
          <Link to="/reset" reloadDocument>
            Ask for a new password
          </Link>
        </Button>
      </div>
    </SignInColumn>
  );
}

function AskForLink() {
  const [asked, setAsked] = useState<string | null>(null);
  useTitle("New password");
  return (
    <SignInColumn
      logo={<Logo className="mb-6 size-9" />}
      title={asked ? "Look into your mail" : "Forgot your password?"}
      lead={
        asked
          ? `If ${asked} has an account, a link is on its way. It works once, for 30 minutes. Where none comes, your administrator can make one.`
          : "A link for a new one goes to the address of your account."
      }
    >
      <div className="flex flex-col gap-5" aria-live="polite">
        {asked === null && <RequestResetForm onRequested={setAsked} />}
        <p className="text-center">
          <Link
            to="/sign-in"
            className="inline-block min-h-6 text-primary-text underline-offset-2 hover:underline"
          >
            Back to sign-in
          </Link>
        </p>
      </div>
    </SignInColumn>
  );
}
