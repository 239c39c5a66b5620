import { useId } from "react";
import { cn } from "@/lib/cn";

/** A labelled choice of few values; the browser's own list, which every keyboard and reader knows. */
export function SelectField<Value extends string>({
  label,
  name,
  options,
  value,
  defaultValue,
  onValue,
  hint,
  className,
}: {
  label: string;
  name?: string;
  options: { value: Value; label: string }[];
  value?: Value;
  defaultValue?: Value;
  onValue?: (value: Value) => void;
  hint?: string;
  className?: string;
}) {
  const id = useId();
  return (
    <div className={cn("flex flex-col gap-1.5", className)}>
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      <select
        id={id}
        name={name}
        value={value}
        defaultValue={defaultValue}
        onChange={
          onValue &&
          ((event) => {
            onValue(event.target.value as Value);
          })
        }
        aria-describedby={hint ? `${id}-note` : undefined}
        className="h-9 rounded-sm border border-border-control bg-surface px-2 text-fg dark:bg-sunken"
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      {hint && (
        <p id={`${id}-note`} className="text-xs text-fg-subtle">
          {hint}
        </p>
      )}
    </div>
  );
}
