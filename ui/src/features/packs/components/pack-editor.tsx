import { useState } from "react";
import { FormDialog } from "@/components/form-dialog";
import { nameIn, YamlField } from "@/components/yaml-field";
import { notify } from "@/lib/toasts";
import { usePack, useSavePack } from "../api/packs";

const template = `pack: my-pack
title: My pack
description: What it is for.
queries:
  listening-ports:
    sql: SELECT port, protocol, address, pid FROM listening_ports
    interval: 1h
`;

/** Writes a pack of the tenant's own as YAML. The server says which line is wrong, and nothing is stored until none is. */
export function PackEditor({
  tenant,
  name,
  onClose,
}: {
  tenant: string;
  /** The pack that one starts from; a template without. */
  name: string | null;
  onClose: () => void;
}) {
  const source = usePack(tenant, name ?? "", name !== null);
  const save = useSavePack(tenant);
  const [typed, setTyped] = useState<string | null>(null);
  const yaml = typed ?? (name ? source.data?.yaml : template) ?? "";
  const named = nameIn(yaml, "pack");
  return (
    <FormDialog
      title={name ? `Edit ${name}` : "Create a pack"}
      description="Agents of this tenant and below get it within seconds of saving, once it is switched on."
      verb="Save"
      pending={save.isPending}
      error={save.error}
      disabled={named === ""}
      onSubmit={() => {
        save.mutate(
          { name: named, yaml },
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
        rows={18}
        note={named ? `Stored as ${named}.` : "Say `pack: name` in the first line."}
      />
    </FormDialog>
  );
}
