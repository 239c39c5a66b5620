import { Laptop, LoaderCircle } from "lucide-react";
import { Tabs } from "radix-ui";
import { CodeBlock } from "@/components/code-block";
import { EmptyState } from "@/components/states";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { explain } from "@/lib/api/problem";
import type { EnrollSecret } from "@/lib/api/types";
import { useCreateEnrollSecret } from "../api/create-enroll-secret";
import { enrollCommands } from "./enroll-commands";

/** How the first agent joins: a secret on request, then the command of each platform. */
export function EnrollPanel({ tenant, canEnroll }: { tenant: string; canEnroll: boolean }) {
  const create = useCreateEnrollSecret(tenant);
  if (!canEnroll) {
    return (
      <EmptyState icon={Laptop} title="No agents yet">
        Ask an administrator of this tenant to enrol the first one.
      </EmptyState>
    );
  }
  if (!create.data) {
    return (
      <EmptyState
        icon={Laptop}
        title="No agents yet"
        action={
          <Button
            variant="primary"
            disabled={create.isPending}
            onClick={() => {
              create.mutate();
            }}
          >
            {create.isPending && <LoaderCircle size={15} className="animate-spin" aria-hidden />}
            Create an enrol command
          </Button>
        }
      >
        Copy one command to a computer with Linux, Windows or macOS; it appears here as soon as it answers.
        {create.error && (
          <p role="alert" className="mt-2 text-bad-fg">
            Could not create the enrol secret. {explain(create.error)}
          </p>
        )}
      </EmptyState>
    );
  }
  return (
    <div className="mx-auto mt-8 w-full max-w-160 px-5">
      <h2 className="text-lg font-semibold">Run this on the computer to enrol</h2>
      <EnrollSteps secret={create.data} />
      <p role="status" className="mt-3 flex items-center gap-2 text-fg-muted">
        <LoaderCircle size={15} className="animate-spin text-wait-fg" aria-hidden />
        Waiting for the first agent
      </p>
    </div>
  );
}

/** The command of each platform with a secret in it, to be copied. */
export function EnrollSteps({ secret }: { secret: EnrollSecret }) {
  const commands = enrollCommands(window.location.origin, secret.secret);
  return (
    <>
      <p className="mt-0.5 mb-3 text-fg-muted">
        The secret in it is shown once and ends <Time at={secret.expires_at} absent="never" />. Whoever has it
        can add agents to this tenant.
      </p>
      <Tabs.Root defaultValue={commands[0].platform}>
        <Tabs.List aria-label="Platform" className="mb-2 flex gap-1">
          {commands.map(({ platform }) => (
            <Tabs.Trigger
              key={platform}
              value={platform}
              className="h-7 rounded-sm px-2.5 font-medium text-fg-muted hover:bg-hover data-[state=active]:bg-primary-soft data-[state=active]:text-primary-text"
            >
              {platform}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        {commands.map(({ platform, command }) => (
          <Tabs.Content key={platform} value={platform}>
            <CodeBlock code={command} label={`Enrol command for ${platform}`} />
          </Tabs.Content>
        ))}
      </Tabs.Root>
    </>
  );
}
