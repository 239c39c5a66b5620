import { useId, type ReactNode } from "react";

/** A document that a person writes as YAML, with what one knows of it below. */
export function YamlField({
  value,
  onValue,
  rows,
  invalid = false,
  note,
}: {
  value: string;
  onValue: (value: string) => void;
  rows: number;
  invalid?: boolean;
  note: ReactNode;
}) {
  const id = useId();
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="font-medium">
        YAML
      </label>
      <textarea
        id={id}
        value={value}
        onChange={(event) => {
          onValue(event.target.value);
        }}
        rows={rows}
        spellCheck={false}
        aria-describedby={`${id}-note`}
        aria-invalid={invalid ? true : undefined}
        className="resize-y rounded-sm border border-border-control bg-editor p-2.5 font-mono text-xs/[18px] aria-invalid:border-bad"
      />
      <p id={`${id}-note`} role="status" className="min-h-4 text-xs text-fg-subtle">
        {note}
      </p>
    </div>
  );
}

/** The name that a document gives itself by its key, as in `pack: name` or, in JSON, `"pack": "name"`; "" where it gives none. */
export function nameIn(document: string, key: "pack" | "rule" | "framework"): string {
  const named = new RegExp(`^(?:[\\s{]*"${key}"|${key})\\s*:\\s*["']?([A-Za-z0-9_.-]+)`, "m");
  return named.exec(document)?.[1] ?? "";
}
