import { useId, type ComponentProps, type ReactNode } from "react";
import { cn } from "@/lib/cn";
import { Input } from "./ui/input";

interface Words {
  label: string;
  hint?: string;
  error?: string;
}

/** A labelled input with its hint and error tied to it. */
export function Field({ label, hint, error, ...props }: Words & Omit<ComponentProps<"input">, "id">) {
  return (
    <Labelled
      label={label}
      hint={hint}
      error={error}
      control={(tied) => <Input className="h-9 px-2.5" {...tied} {...props} />}
    />
  );
}

/** A labelled text of several lines, with its hint and error tied to it. */
export function TextAreaField({
  label,
  hint,
  error,
  ...props
}: Words & Omit<ComponentProps<"textarea">, "id">) {
  return (
    <Labelled
      label={label}
      hint={hint}
      error={error}
      control={(tied) => (
        <textarea
          rows={3}
          className="resize-y rounded-sm border border-border-control bg-surface px-2.5 py-1.5 text-fg aria-invalid:border-bad dark:bg-sunken"
          {...tied}
          {...props}
        />
      )}
    />
  );
}

/** Ties a label above and a note below to the control between them. */
export function Labelled({
  label,
  hint,
  error,
  className,
  control,
}: Words & {
  className?: string;
  control: (tied: { id: string; "aria-invalid"?: true; "aria-describedby"?: string }) => ReactNode;
}) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={cn("flex flex-col gap-1.5", className)}>
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {control({
        id,
        "aria-invalid": error ? true : undefined,
        "aria-describedby": note ? `${id}-note` : undefined,
      })}
      {note && (
        <p id={`${id}-note`} className={error ? "text-xs text-bad-fg" : "text-xs text-fg-subtle"}>
          {note}
        </p>
      )}
    </div>
  );
}
