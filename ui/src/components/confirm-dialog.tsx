import { useState, type ReactNode } from "react";
import { Field } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";

/** Asks before something that cannot be undone: what it does to how much, and the object's name typed where `name` is given. */
export function ConfirmDialog({
  title,
  verb,
  name,
  children,
  pending,
  error,
  onConfirm,
  onClose,
}: {
  title: string;
  verb: string;
  /** Has to be typed before the button works. */
  name?: string;
  children: ReactNode;
  pending: boolean;
  error: unknown;
  onConfirm: () => void;
  onClose: () => void;
}) {
  const [typed, setTyped] = useState("");
  return (
    <FormDialog
      title={title}
      verb={verb}
      danger
      pending={pending}
      error={error}
      disabled={name !== undefined && typed !== name}
      onSubmit={onConfirm}
      onClose={onClose}
    >
      <div className="text-fg-muted">{children}</div>
      {name !== undefined && (
        <Field
          label={`Type ${name} to confirm`}
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
          }}
        />
      )}
    </FormDialog>
  );
}
