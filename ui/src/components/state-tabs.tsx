import { num } from "@/lib/format";
import { cn } from "@/lib/cn";

/** The states of a queue, one of them chosen, with how many it has. */
export function StateTabs<State extends string>({
  label,
  states,
  chosen,
  count,
  onChoose,
}: {
  label: string;
  states: { state: State; label: string }[];
  chosen: State;
  count: string | undefined;
  onChoose: (state: State) => void;
}) {
  return (
    <div
      role="group"
      aria-label={label}
      className="no-print flex flex-none gap-0.5 overflow-x-auto px-4 pb-2"
    >
      {states.map((each) => (
        <button
          key={each.state}
          type="button"
          aria-pressed={each.state === chosen}
          onClick={() => {
            onChoose(each.state);
          }}
          className={cn(
            "inline-flex h-7 flex-none items-center gap-1.5 rounded-sm px-2.5 font-medium text-fg-muted hover:bg-hover max-md:h-9",
            each.state === chosen && "bg-primary-soft text-primary-text hover:bg-primary-soft",
          )}
        >
          {each.label}
          {each.state === chosen && count !== undefined && <span className="text-2xs tnum">{count}</span>}
        </button>
      ))}
    </div>
  );
}

/** How many a listing has, `+` where there are more. */
export function countOf(listing: { items: unknown[]; complete: boolean } | undefined): string | undefined {
  return listing && `${num(listing.items.length)}${listing.complete ? "" : "+"}`;
}
