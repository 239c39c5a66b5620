import { useState } from "react";
import { fieldErrors, FormDialog } from "@/components/form-dialog";
import { SelectField } from "@/components/select-field";
import { TextAreaField } from "@/components/field";
import { roles, roleWord } from "@/lib/roles";
import { useActivePeople } from "../api/list-people";
import { useStartActing, type Wish } from "../api/start-acting";

/** The fewest characters of a reason that the server takes. */
const shortestReason = 10;
const times = ["15", "30", "45", "60"].map((value) => ({ value, label: `${value} minutes` }));
const grantable: NonNullable<Wish["role"]>[] = ["READONLY", "USER", "MANAGER", "ADMIN", "BILLING_VIEWER"];

/** Asks why, as whom and for how long one acts in a customer's tenant. */
export function ImpersonateDialog({
  tenant,
  name,
  onClose,
}: {
  /** Address of the customer's tenant. */
  tenant: string;
  name: string;
  onClose: () => void;
}) {
  const start = useStartActing();
  const people = useActivePeople(tenant);
  const [as, setAs] = useState("role:READONLY");
  const [minutes, setMinutes] = useState("30");
  const [short, setShort] = useState(false);
  const refused = fieldErrors(start.error);
  const options = [
    ...grantable.map((role) => ({ value: `role:${role}`, label: `With the role ${roleWord(role)}` })),
    ...(people.data ?? []).map(({ id, name: person, role }) => ({
      value: `user:${id}`,
      label: `${person} (${roleWord(role)})`,
    })),
  ];
  const role = grantable.find((each) => as === `role:${each}`);
  const purpose = roles.find(({ value }) => value === role)?.purpose;
  return (
    <FormDialog
      title={`Act in ${name}`}
      description="Its people are told at once, see each action in their audit log, and can end it."
      verb="Start acting"
      pending={start.isPending}
      error={refused["reason"] ? null : start.error}
      onSubmit={(form) => {
        const reason = String(form.get("reason")).trim();
        setShort(reason.length < shortestReason);
        if (reason.length < shortestReason) return;
        const person = people.data?.find(({ id }) => as === `user:${id}`);
        start.mutate({
          tenant,
          reason,
          minutes: Number(minutes),
          ...(person ? { user: { id: person.id, name: person.name } } : { role }),
        });
      }}
      onClose={onClose}
    >
      <TextAreaField
        label="Reason"
        name="reason"
        maxLength={500}
        required
        hint={`The customer reads it. A ticket's number helps.`}
        error={
          short ? `Write at least ${shortestReason} characters: the customer reads it.` : refused["reason"]
        }
      />
      <SelectField
        label="As"
        options={options}
        value={as}
        onValue={setAs}
        hint={
          people.isError
            ? "Its people could not be read; a role works without."
            : (purpose ?? "With what this person may do, and no more than you may.")
        }
      />
      <SelectField
        label="For"
        options={times}
        value={minutes}
        onValue={setMinutes}
        hint="It ends by itself, with this page, or when you end it."
      />
    </FormDialog>
  );
}
