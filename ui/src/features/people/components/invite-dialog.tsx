import { useState } from "react";
import { Field } from "@/components/field";
import { fieldErrors, FormDialog } from "@/components/form-dialog";
import { SecretOnce } from "@/components/secret-once";
import { SelectField } from "@/components/select-field";
import { useHas } from "@/hooks/use-me";
import type { Role } from "@/lib/api/types";
import { roles } from "@/lib/roles";
import { notify } from "@/lib/toasts";
import { useInvitePerson } from "../api/invite-person";

/** Invites a person: mail, name and role; then the link, where nobody mails it. */
export function InviteDialog({ tenant, onClose }: { tenant: string; onClose: () => void }) {
  const invite = useInvitePerson(tenant);
  const has = useHas();
  const offered = has("rbac") ? roles : roles.filter(({ value }) => value === "ADMIN");
  const [role, setRole] = useState<Role>(has("rbac") ? "USER" : "ADMIN");
  const refused = fieldErrors(invite.error);
  if (invite.data && !invite.data.invitation.mailed) {
    return (
      <SecretOnce
        title={`Invited ${invite.data.user.name}`}
        explanation="No mail server is set up, so hand this link over yourself. It works once and shows only now."
        label="Invitation"
        secret={invite.data.invitation.url}
        onClose={onClose}
      />
    );
  }
  return (
    <FormDialog
      title="Invite a person"
      description="They set a password of their own with the link that they get."
      verb="Invite"
      pending={invite.isPending}
      error={invite.error}
      onSubmit={(form) => {
        invite.mutate(
          { email: String(form.get("email")).trim(), name: String(form.get("name")).trim(), role },
          {
            onSuccess: ({ invitation, user }) => {
              if (!invitation.mailed) return;
              notify(`Invited ${user.email}`);
              onClose();
            },
          },
        );
      }}
      onClose={onClose}
    >
      <Field label="E-mail" name="email" type="email" autoComplete="off" required error={refused["email"]} />
      <Field label="Name" name="name" autoComplete="off" required error={refused["name"]} />
      <SelectField
        label="Role"
        options={offered}
        value={role}
        onValue={setRole}
        hint={
          has("rbac")
            ? roles.find(({ value }) => value === role)?.purpose
            : "This plan has administrators only. Basic has the other roles."
        }
      />
    </FormDialog>
  );
}
