import { ArrowDown } from "lucide-react";
import { Kbd } from "@/components/ui/kbd";
import { cn } from "@/lib/cn";
import { plural } from "@/lib/format";

/** Says how many rows wait, and takes them in: nothing moves under the hand by itself. */
export function NewRows({
  count,
  one = "new row",
  many = `${one}s`,
  onTakeIn,
  className,
}: {
  count: number;
  one?: string;
  many?: string;
  onTakeIn: () => void;
  className?: string;
}) {
  return (
    <button
      type="button"
      onClick={onTakeIn}
      className={cn(
        "absolute bottom-2.5 left-1/2 z-20 inline-flex h-[26px] -translate-x-1/2 items-center gap-1.5 rounded-full bg-raised pr-1.5 pl-2.5 text-xs font-medium whitespace-nowrap shadow-md",
        className,
      )}
    >
      <ArrowDown size={13} aria-hidden />
      {plural(count, one, many)}
      <Kbd keys={["."]} />
    </button>
  );
}
