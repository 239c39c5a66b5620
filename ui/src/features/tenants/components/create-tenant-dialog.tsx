import { useState } from "react";
import { Field } from "@/components/field";
import { fieldErrors, FormDialog } from "@/components/form-dialog";
import { SelectField } from "@/components/select-field";
import type { Plan, Tenant } from "@/lib/api/types";
import { notify } from "@/lib/toasts";
import { useCreateTenant } from "../api/create-tenant";

export const plans: { value: Plan; label: string }[] = [
  { value: "free", label: "Free" },
  { value: "basic", label: "Basic" },
  { value: "pro", label: "Pro" },
  { value: "enterprise", label: "Enterprise" },
];

/** Adds a tenant below another. */
export function CreateTenantDialog({
  tenant,
  parents,
  onClose,
}: {
  tenant: string;
  parents: Tenant[];
  onClose: () => void;
}) {
  const create = useCreateTenant(tenant);
  const [name, setName] = useState("");
  const [slug, setSlug] = useState<string | null>(null);
  const [parent, setParent] = useState(
    (parents.find((each) => each.slug === tenant) ?? parents.at(0))?.id ?? "",
  );
  const [plan, setPlan] = useState<Plan>("pro");
  const refused = fieldErrors(create.error);
  return (
    <FormDialog
      title="Create a tenant"
      description="A customer, or a site of one. It inherits packs, checks and settings from the tenant above."
      verb="Create"
      pending={create.isPending}
      error={create.error}
      onSubmit={() => {
        create.mutate(
          { name: name.trim(), slug: slug ?? slugOf(name), plan, parent_id: parent || undefined },
          {
            onSuccess: (made) => {
              notify(`Created ${made.name}`);
              onClose();
            },
          },
        );
      }}
      onClose={onClose}
    >
      <Field
        label="Name"
        value={name}
        onChange={(event) => {
          setName(event.target.value);
        }}
        required
        error={refused["name"]}
      />
      <Field
        label="Name in addresses"
        value={slug ?? slugOf(name)}
        onChange={(event) => {
          setSlug(event.target.value);
        }}
        hint="Small letters, digits and hyphens. It stands in every link."
        error={refused["slug"]}
        spellCheck={false}
      />
      <SelectField
        label="Below"
        options={parents.map(({ id, name: label }) => ({ value: id, label }))}
        value={parent}
        onValue={setParent}
      />
      <SelectField label="Plan" options={plans} value={plan} onValue={setPlan} />
    </FormDialog>
  );
}

/** A name as it stands in an address. */
function slugOf(name: string): string {
  return name
    .normalize("NFKD")
    .replaceAll(/[̀-ͯ]/g, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
}
