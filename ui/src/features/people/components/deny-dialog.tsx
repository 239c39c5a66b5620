import { useState } from "react";
import { TextAreaField } from "@/components/field";
import { fieldErrors, FormDialog } from "@/components/form-dialog";
import { notify } from "@/lib/toasts";
import { useDenyRight } from "../api/denied-rights";

/** Takes one right from a person in this tenant and below, whatever their role. */
export function DenyDialog({
  tenant,
  user,
  permission,
  onClose,
}: {
  tenant: string;
  user: string;
  permission: string;
  onClose: () => void;
}) {
  const deny = useDenyRight(tenant, user);
  const [reason, setReason] = useState("");
  return (
    <FormDialog
      title={`Take away ${permission}`}
      description="It holds in this tenant and below it, whatever the role says, until somebody gives it back. It is in the audit log."
      verb="Take away"
      danger
      pending={deny.isPending}
      error={deny.error}
      onSubmit={() => {
        deny.mutate(
          { permission, reason: reason.trim() },
          {
            onSuccess: () => {
              notify(`Took away ${permission}`);
              onClose();
            },
          },
        );
      }}
      onClose={onClose}
    >
      <TextAreaField
        label="Reason"
        hint="Those who ask why will read it in the audit log."
        value={reason}
        maxLength={500}
        onChange={(event) => {
          setReason(event.target.value);
        }}
        error={fieldErrors(deny.error)["reason"]}
      />
    </FormDialog>
  );
}
