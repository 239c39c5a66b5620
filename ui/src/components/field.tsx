import { useId, type ComponentProps } from "react";
import { Input } from "./ui/input";

/** A labelled input with its hint and error tied to it. */
export function Field({
  label,
  hint,
  error,
  ...props
}: { label: string; hint?: string; error?: string } & Omit<ComponentProps<"input">, "id">) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      <Input
        id={id}
        className="h-9 px-2.5"
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
