import { useState } from "react";
import { Field, TextAreaField } from "@/components/field";
import { fieldErrors, FormDialog } from "@/components/form-dialog";
import { SelectField } from "@/components/select-field";
import { notify } from "@/lib/toasts";
import { useAskWaiver } from "../api/waivers";

type Scope = "tenant" | "tag" | "agent";
const days = ["7", "30", "90", "180", "365"].map((value) => ({ value, label: `${value} days` }));

/** Asks that the failure of a check be accepted: where, for how long, and why. */
export function WaiverDialog({
  tenant,
  check,
  title,
  agents,
  agent,
  onClose,
}: {
  tenant: string;
  check: string;
  title: string;
  /** The agents that fail it. */
  agents: { id: string; hostname: string }[];
  /** The one asked for, where it is one. */
  agent?: string;
  onClose: () => void;
}) {
  const ask = useAskWaiver(tenant);
  const [scope, setScope] = useState<Scope>(agent ? "agent" : "tenant");
  const [chosen, setChosen] = useState(agent ?? agents.at(0)?.id ?? "");
  const [life, setLife] = useState("90");
  const refused = fieldErrors(ask.error);
  const named = refused["reason"] ?? refused["tag"];
  return (
    <FormDialog
      title={`Waive ${title}`}
      description="It counts as waived, not as passed, once another person who may has approved it."
      verb="Ask for the waiver"
      pending={ask.isPending}
      error={named ? null : ask.error}
      onSubmit={(form) => {
        ask.mutate(
          {
            check,
            reason: String(form.get("reason")).trim(),
            expires_at: new Date(Date.now() + Number(life) * 86_400_000).toISOString(),
            ...(scope === "agent" && { agent_id: chosen }),
            ...(scope === "tag" && { tag: String(form.get("tag")).trim() }),
          },
          {
            onSuccess: ({ state }) => {
              notify(
                state === "holds" ? "The waiver holds" : "Asked; it holds once somebody else approves it",
              );
              onClose();
            },
          },
        );
      }}
      onClose={onClose}
    >
      <SelectField
        label="Where"
        options={[
          { value: "tenant", label: "On all agents of this tenant" },
          { value: "tag", label: "On agents with a tag" },
          ...(agents.length > 0 ? [{ value: "agent" as const, label: "On one agent" }] : []),
        ]}
        value={scope}
        onValue={setScope}
      />
      {scope === "agent" && (
        <SelectField
          label="Agent"
          options={agents.map(({ id, hostname }) => ({ value: id, label: hostname }))}
          value={chosen}
          onValue={setChosen}
        />
      )}
      {scope === "tag" && <Field label="Tag" name="tag" required spellCheck={false} error={refused["tag"]} />}
      <SelectField label="For" options={days} value={life} onValue={setLife} />
      <TextAreaField
        label="Reason"
        name="reason"
        required
        hint="What makes up for it, and who decided. Auditors read it."
        error={refused["reason"]}
      />
    </FormDialog>
  );
}
