import { useId, type ComponentProps } from "react";

/** A labelled text of several lines, with its hint and error tied to it. */
export function TextAreaField({
  label,
  hint,
  error,
  ...props
}: { label: string; hint?: string; error?: string } & Omit<ComponentProps<"textarea">, "id">) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      <textarea
        id={id}
        rows={3}
        className="resize-y rounded-sm border border-border-control bg-surface px-2.5 py-1.5 text-fg aria-invalid:border-bad dark:bg-sunken"
        aria-invalid={error ? true : undefined}
        aria-describedby={note ? `${id}-note` : undefined}
        {...props}
      />
      {note && (
        <p id={`${id}-note`} className={error ? "text-xs text-bad-fg" : "text-xs text-fg-subtle"}>
          {note}
        </p>
      )}
    </div>
  );
}
