import { CopyButton } from "./copy-button";

/** A text to copy as it is: a command, a query. */
export function CodeBlock({ code, label }: { code: string; label: string }) {
  return (
    <div className="relative rounded-sm border border-border bg-sunken">
      {/* A long line scrolls by keyboard too, so the block itself takes focus. */}
      <pre
        className="p-2.5 pr-10 font-mono text-xs/[18px] break-all whitespace-pre-wrap"
        aria-label={label}
        tabIndex={0}
        role="region"
      >
        {code}
      </pre>
      <div className="absolute top-1.5 right-1.5">
        <CopyButton text={code} label={`Copy ${label.toLowerCase()}`} />
      </div>
    </div>
  );
}
