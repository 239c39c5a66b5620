import { CopyButton } from "./copy-button";

/** A statement to read: as typed, never cut. */
export function SqlText({ sql, label = "SQL" }: { sql: string; label?: string }) {
  return (
    <div className="relative rounded-sm border border-border bg-editor">
      {/* A long statement scrolls by keyboard too. */}
      <pre
        className="max-h-60 overflow-auto p-2.5 pr-10 font-mono text-xs/[18px]"
        tabIndex={0}
        role="region"
        aria-label={label}
      >
        {sql}
      </pre>
      <div className="absolute top-1.5 right-1.5">
        <CopyButton text={sql} label={`Copy ${label}`} />
      </div>
    </div>
  );
}
