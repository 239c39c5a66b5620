import { useState } from "react";
import { Field, TextAreaField } from "@/components/field";
import { fieldErrors, FormDialog } from "@/components/form-dialog";
import { SelectField } from "@/components/select-field";
import type { Agent, Group } from "@/lib/api/types";
import { notify } from "@/lib/toasts";
import { useSaveGroup, type GroupDraft } from "../api/groups";

const kinds: { value: GroupDraft["kind"]; label: string; hint: string }[] = [
  { value: "fixed", label: "Agents chosen by hand", hint: "It changes only when somebody changes it." },
  {
    value: "expr",
    label: "A rule over an agent's facts",
    hint: 'As in: agent.platform == "linux" and "prod" in agent.tags',
  },
  {
    value: "sql",
    label: "SQL over the last known state",
    hint: "An agent with a row is in: SELECT 1 FROM deb_packages WHERE name = 'nginx'",
  },
];

/** Makes a group of agents, or changes one. */
export function GroupDialog({
  tenant,
  group,
  members,
  agents,
  onClose,
}: {
  tenant: string;
  /** The one to change; a new one without. */
  group: Group | null;
  /** Who is in it now. */
  members: string[];
  agents: Agent[];
  onClose: () => void;
}) {
  const save = useSaveGroup(tenant);
  const [kind, setKind] = useState<GroupDraft["kind"]>(group?.kind ?? "fixed");
  const [chosen, setChosen] = useState(members);
  const refused = fieldErrors(save.error);
  return (
    <FormDialog
      title={group ? `Edit ${group.name}` : "Create a group"}
      description="Live queries, scans and rules can be aimed at it."
      verb="Save"
      pending={save.isPending}
      error={Object.keys(refused).length > 0 ? null : save.error}
      onSubmit={(form) => {
        save.mutate(
          {
            id: group?.id,
            draft: {
              name: String(form.get("name")).trim(),
              description: String(form.get("description")).trim(),
              kind,
              ...(kind !== "fixed" && { rule: String(form.get("rule")).trim() }),
            },
            ...(kind === "fixed" && { members: chosen }),
          },
          {
            onSuccess: ({ name }) => {
              notify(`Saved ${name}`);
              onClose();
            },
          },
        );
      }}
      onClose={onClose}
    >
      <Field label="Name" name="name" defaultValue={group?.name} error={refused["name"]} />
      <Field label="What it is for" name="description" defaultValue={group?.description} />
      {!group && (
        <SelectField
          label="Who is in it"
          options={kinds}
          value={kind}
          onValue={setKind}
          hint={kinds.find(({ value }) => value === kind)?.hint}
        />
      )}
      {kind === "fixed" ? (
        <fieldset className="flex flex-col gap-1">
          <legend className="mb-1 font-medium">Agents</legend>
          <div className="max-h-60 overflow-y-auto rounded-sm border border-border p-2">
            {agents.map(({ id, hostname }) => (
              <label key={id} className="flex min-h-6 items-center gap-2">
                <input
                  type="checkbox"
                  className="size-3.5 accent-primary"
                  checked={chosen.includes(id)}
                  onChange={(event) => {
                    setChosen(event.target.checked ? [...chosen, id] : chosen.filter((each) => each !== id));
                  }}
                />
                {hostname}
              </label>
            ))}
          </div>
        </fieldset>
      ) : (
        <TextAreaField
          label={kind === "sql" ? "SQL" : "Rule"}
          name="rule"
          defaultValue={group?.rule}
          spellCheck={false}
          error={refused["rule"]}
        />
      )}
    </FormDialog>
  );
}
