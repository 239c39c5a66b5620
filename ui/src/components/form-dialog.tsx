import { LoaderCircle } from "lucide-react";
import type { FormEvent, ReactNode } from "react";
import { FormProblem } from "@/components/form-problem";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent } from "@/components/ui/dialog";
import { ApiError, explain } from "@/lib/api/problem";

/**
 * A form in a dialog: fields, why it was refused, Cancel and the verb. Fields that the server complains about show it
 * themselves (`fieldErrors`); what remains stands above them.
 */
export function FormDialog({
  title,
  description,
  verb,
  danger = false,
  pending,
  error,
  disabled = false,
  onSubmit,
  onClose,
  children,
}: {
  title: string;
  description?: ReactNode;
  /** The verb and object of the confirming button, as the title has it. */
  verb: string;
  danger?: boolean;
  pending: boolean;
  error: unknown;
  disabled?: boolean;
  onSubmit: (form: FormData) => void;
  onClose: () => void;
  children?: ReactNode;
}) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSubmit(new FormData(event.currentTarget));
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <DialogContent title={title} description={description}>
        <form onSubmit={submit} noValidate className="flex min-h-0 flex-col">
          <div className="flex min-h-0 flex-col gap-4 overflow-y-auto px-4 py-2">
            {Boolean(error) && <FormProblem>{explain(error)}</FormProblem>}
            {children}
          </div>
          <div className="mt-2 flex justify-end gap-2 border-t border-border px-4 py-3">
            <DialogClose asChild>
              <Button>Cancel</Button>
            </DialogClose>
            <Button type="submit" variant={danger ? "danger" : "primary"} disabled={pending || disabled}>
              {pending && <LoaderCircle size={15} className="animate-spin" aria-hidden />}
              {verb}
            </Button>
          </div>
        </form>
      </DialogContent>
    </Dialog>
  );
}

/** The server's complaints by field name. */
export function fieldErrors(error: unknown): Record<string, string> {
  return error instanceof ApiError ? error.fields : {};
}
