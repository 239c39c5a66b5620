import { useNow } from "@/hooks/use-now";
import { ago, exactTime } from "@/lib/format";
import { Tooltip } from "./ui/tooltip";

/** A moment: relative, exact with its zone on hover. Absent is "never", not blank. */
export function Time({ at, absent = "never" }: { at: string | null | undefined; absent?: string }) {
  const now = useNow();
  const time = at ? new Date(at) : null;
  if (!time || Number.isNaN(time.getTime()) || time.getTime() <= 0) {
    return <span className="text-fg-subtle">{absent}</span>;
  }
  return (
    <Tooltip content={<span className="tnum">{exactTime(time)}</span>}>
      <time dateTime={time.toISOString()} className="tnum">
        {ago(time, now)}
      </time>
    </Tooltip>
  );
}
