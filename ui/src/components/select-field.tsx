import { Labelled } from "@/components/field";

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
  return (
    <Labelled
      label={label}
      hint={hint}
      className={className}
      control={(tied) => (
        <select
          name={name}
          value={value}
          defaultValue={defaultValue}
          onChange={
            onValue &&
            ((event) => {
              onValue(event.target.value as Value);
            })
          }
          className="h-9 rounded-sm border border-border-control bg-surface px-2 text-fg dark:bg-sunken"
          {...tied}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    />
  );
}
