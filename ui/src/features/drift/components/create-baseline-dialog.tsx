import { useState } from "react";
import { Field } from "@/components/field";
import { fieldErrors, FormDialog } from "@/components/form-dialog";
import { SelectField } from "@/components/select-field";
import type { Agent } from "@/lib/api/types";
import { notify } from "@/lib/toasts";
import { useCreateBaseline } from "../api/baselines";

/** Takes what machines have now, or had in the last days, for what is expected. */
export function CreateBaselineDialog({
  tenant,
  agents,
  collections,
  onClose,
}: {
  tenant: string;
  agents: Agent[];
  collections: string[];
  onClose: () => void;
}) {
  const create = useCreateBaseline(tenant);
  const [agent, setAgent] = useState(agents.at(0)?.id ?? "");
  const [collection, setCollection] = useState(collections.at(0) ?? "");
  const [mode, setMode] = useState<"pinned" | "learned">("pinned");
  const [days, setDays] = useState("7");
  const refused = fieldErrors(create.error);
  return (
    <FormDialog
      title="Create a baseline"
      description="What an agent has beyond it is a deviation, until it is accepted."
      verb="Create"
      pending={create.isPending}
      error={create.error}
      onSubmit={(form) => {
        create.mutate(
          {
            name: String(form.get("name")).trim(),
            collection,
            mode,
            agent_id: agent,
            ...(mode === "learned" && {
              learned_from: new Date(Date.now() - Number(days) * 86_400_000).toISOString(),
              learned_to: new Date().toISOString(),
            }),
          },
          {
            onSuccess: ({ name, values }) => {
              notify(`Created ${name} of ${values ?? 0} rows`);
              onClose();
            },
          },
        );
      }}
      onClose={onClose}
    >
      <Field label="Name" name="name" required error={refused["name"]} />
      <SelectField
        label="Collection"
        options={collections.map((value) => ({ value, label: value }))}
        value={collection}
        onValue={setCollection}
      />
      <SelectField
        label="Agent"
        options={agents.map(({ id, hostname }) => ({ value: id, label: hostname }))}
        value={agent}
        onValue={setAgent}
      />
      <SelectField
        label="What is expected"
        options={[
          { value: "pinned", label: "What it has now" },
          { value: "learned", label: "What it had in the last days" },
        ]}
        value={mode}
        onValue={setMode}
      />
      {mode === "learned" && (
        <SelectField
          label="Days"
          options={["1", "7", "14", "30"].map((value) => ({ value, label: value }))}
          value={days}
          onValue={setDays}
        />
      )}
    </FormDialog>
  );
}
