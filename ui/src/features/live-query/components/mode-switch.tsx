import { cn } from "@/lib/cn";

/** Whom a statement asks: the agents now, what they told last, or what they had told at a moment. */
export type Mode = "live" | "last_known" | "as_of";

const modes: { mode: Mode; label: string; hint: string }[] = [
  { mode: "live", label: "Live", hint: "Asks the agents now" },
  { mode: "last_known", label: "Last known", hint: "Reads what agents told last, also those that are away" },
  { mode: "as_of", label: "As of", hint: "Reads what agents had told at a moment" },
];

/** The same statement three ways, and the moment of the third. */
export function ModeSwitch({
  mode,
  at,
  onMode,
}: {
  mode: Mode;
  /** Local date and time as the browser's field writes it. */
  at: string | undefined;
  onMode: (mode: Mode, at: string | undefined) => void;
}) {
  return (
    <div className="flex items-center gap-2">
      <div role="radiogroup" aria-label="When" className="flex rounded-sm border border-border-strong p-px">
        {modes.map((each) => (
          <button
            key={each.mode}
            type="button"
            role="radio"
            aria-checked={each.mode === mode}
            title={each.hint}
            onClick={() => {
              onMode(each.mode, each.mode === "as_of" ? (at ?? hourAgo()) : undefined);
            }}
            className={cn(
              "h-6 rounded-[5px] px-2 text-xs font-medium text-fg-muted hover:bg-hover max-md:h-8",
              each.mode === mode && "bg-primary-soft text-primary-text hover:bg-primary-soft",
            )}
          >
            {each.label}
          </button>
        ))}
      </div>
      {mode === "as_of" && (
        <input
          type="datetime-local"
          aria-label="Moment"
          value={at ?? hourAgo()}
          onChange={(event) => {
            onMode("as_of", event.target.value);
          }}
          className="h-7 rounded-sm border border-border-control bg-surface px-2 text-xs tnum dark:bg-sunken"
        />
      )}
    </div>
  );
}

function hourAgo(): string {
  const time = new Date(Date.now() - 3_600_000);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
