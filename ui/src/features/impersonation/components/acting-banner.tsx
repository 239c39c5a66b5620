import { VenetianMask } from "lucide-react";
import { useEffect } from "react";
import { Button } from "@/components/ui/button";
import { useNow } from "@/hooks/use-now";
import { stopActing, type Acting } from "@/lib/api/acting";
import { timeLeft } from "../time-left";
import { endActingOnLeave, useEndActing } from "../api/end-grant";

/** Says above everything in whose place one acts, for how long still, and ends it. */
export function ActingBanner({ acting }: { acting: Acting }) {
  const end = useEndActing();
  const now = useNow();

  useEffect(() => {
    const timer = setTimeout(stopActing, acting.expiresAt - Date.now());
    const leave = () => {
      endActingOnLeave(acting);
    };
    window.addEventListener("pagehide", leave);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("pagehide", leave);
    };
  }, [acting]);

  return (
    <aside
      aria-label="Acting for a customer"
      className="flex min-h-8 flex-none items-center gap-2 border-b border-warn-line bg-warn-bg px-3 py-0.5 text-warn-fg print:hidden"
    >
      <VenetianMask size={15} strokeWidth={1.75} className="shrink-0" aria-hidden />
      <p className="min-w-0 flex-1">
        <b className="font-semibold">
          Acting as {acting.as} in {acting.tenantName}
        </b>
        <span className="tnum"> · {timeLeft(acting.expiresAt, now.getTime())}</span>
        <span className="max-sm:hidden"> · each action is recorded</span>
      </p>
      <Button
        size="small"
        disabled={end.isPending}
        onClick={() => {
          end.mutate(acting);
        }}
      >
        End
      </Button>
    </aside>
  );
}
