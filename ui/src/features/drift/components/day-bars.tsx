import { cn } from "@/lib/cn";
import { num, plural } from "@/lib/format";

const dayAndMonth = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

/** How many changes each day has, from zero; a day chosen keeps only its changes. */
export function DayBars({
  days,
  chosen,
  onChoose,
}: {
  days: { day: string; count: number }[];
  chosen: string | undefined;
  onChoose: (day: string | undefined) => void;
}) {
  const most = Math.max(1, ...days.map(({ count }) => count));
  return (
    <div
      role="group"
      aria-label="Changes a day"
      className="flex h-24 items-stretch gap-px overflow-x-auto px-5 pb-2 max-sm:px-4"
    >
      {days.map(({ day, count }, index) => (
        <button
          key={day}
          type="button"
          aria-pressed={day === chosen}
          aria-label={`${dayAndMonth.format(new Date(`${day}T12:00`))}: ${plural(count, "change")}`}
          title={`${day}: ${plural(count, "change")}`}
          onClick={() => {
            onChoose(day === chosen ? undefined : day);
          }}
          className={cn(
            "group focus-inset flex min-w-6 flex-1 flex-col justify-end gap-0.5 rounded-xs px-0.5 hover:bg-hover",
            day === chosen && "bg-primary-soft hover:bg-primary-soft",
          )}
        >
          <span className="text-center text-2xs text-fg-subtle tnum">{count > 0 ? num(count) : ""}</span>
          <span
            aria-hidden
            className={cn("block rounded-t-[2px] bg-primary", count === 0 && "bg-border")}
            style={{ height: count === 0 ? 1 : Math.max(3, (count / most) * 48) }}
          />
          <span className="truncate text-center text-2xs text-fg-subtle">
            {days.length <= 10 || index % 5 === 0 || index === days.length - 1
              ? dayAndMonth.format(new Date(`${day}T12:00`))
              : "\u00a0"}
          </span>
        </button>
      ))}
    </div>
  );
}
