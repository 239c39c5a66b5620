import { CircleCheck, FlaskConical, LoaderCircle } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { FormDialog } from "@/components/form-dialog";
import { nameIn, YamlField } from "@/components/yaml-field";
import { Button } from "@/components/ui/button";
import { explain } from "@/lib/api/problem";
import type { DryRun } from "@/lib/api/types";
import { num, plural } from "@/lib/format";
import { notify } from "@/lib/toasts";
import { useCheckRule, useDryRun, useRule, useSaveRule } from "../api/rules";
import { NoiseChart } from "./noise-chart";

const template = `rule: telnet-open
title: Telnet listens
on: collection
sql: SELECT address, port, pid FROM listening_ports WHERE port = 23
when: len(rows) > 0
severity: high
group_by: [agent.id]
`;
const days = 14;

/** Writes a rule, says while one types whether it holds, and before it is saved what it would have raised. */
export function RuleEditor({
  tenant,
  rule,
  onClose,
}: {
  tenant: string;
  /** The rule that one starts from; a template without. */
  rule: string | null;
  onClose: () => void;
}) {
  const source = useRule(tenant, rule ?? "", rule !== null);
  const save = useSaveRule(tenant);
  const dryRun = useDryRun(tenant);
  const [typed, setTyped] = useState<string | null>(null);
  const yaml = typed ?? (rule ? source.data?.yaml : template) ?? "";
  const check = useCheckRule(tenant, useDeferredValue(yaml));
  const named = nameIn(yaml, "rule");
  return (
    <FormDialog
      title={rule ? `Edit ${rule}` : "Create a rule"}
      description="It judges what agents report from the moment that it is saved, here and below."
      verb="Save"
      pending={save.isPending}
      error={save.error}
      disabled={named === "" || check.data?.ok === false}
      onSubmit={() => {
        save.mutate(
          { rule: named, yaml },
          {
            onSuccess: () => {
              notify(`Saved ${named}`);
              onClose();
            },
          },
        );
      }}
      onClose={onClose}
    >
      <YamlField
        value={yaml}
        onValue={setTyped}
        rows={14}
        invalid={check.data?.ok === false}
        note={
          check.data?.ok ? (
            <span className="flex items-center gap-1 text-ok-fg">
              <CircleCheck size={13} aria-hidden />
              Holds. Reads {(check.data.tables ?? []).join(", ") || "no table"}.
            </span>
          ) : (
            <span className="text-bad-fg">{check.data?.error}</span>
          )
        }
      />
      <div className="flex flex-col gap-2">
        <Button
          className="self-start"
          disabled={dryRun.isPending || check.data?.ok !== true}
          onClick={() => {
            dryRun.mutate({ yaml, days });
          }}
        >
          {dryRun.isPending ? (
            <LoaderCircle size={15} className="animate-spin" aria-hidden />
          ) : (
            <FlaskConical size={15} strokeWidth={1.75} aria-hidden />
          )}
          What would it have raised?
        </Button>
        {dryRun.error && (
          <p role="alert" className="text-bad-fg">
            Could not try the rule. {explain(dryRun.error)}
          </p>
        )}
        {dryRun.data && <DryRunResult result={dryRun.data} />}
      </div>
    </FormDialog>
  );
}

/** How noisy the rule is, on which agents, before anybody is woken by it. */
function DryRunResult({ result }: { result: DryRun }) {
  const agents = result.agents ?? [];
  return (
    <div role="status" className="rounded-sm border border-border bg-sunken p-2.5">
      <p className="font-medium">
        {result.basis === "now"
          ? `Would fire now on ${plural(result.firing, "agent")}`
          : `Would have fired ${plural(result.fired, "time")} in ${days} days on ${plural(agents.length, "agent")}`}
        {result.truncated && " or more"}
      </p>
      {result.errors > 0 && (
        <p className="text-xs text-bad-fg">
          {plural(result.errors, "judgement")} failed: {result.last_error}
        </p>
      )}
      {result.basis === "history" && <NoiseChart result={result} />}
      <ul className="mt-1 text-xs text-fg-muted">
        {agents.slice(0, 8).map((agent) => (
          <li key={agent.agent_id} className="flex gap-2">
            <span className="min-w-0 flex-1 truncate">{agent.hostname}</span>
            <span className="tnum">{num(agent.fired)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
