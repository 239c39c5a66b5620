import { Unplug } from "lucide-react";
import { Button } from "@/components/ui/button";
import type { Live } from "./use-live";
import { useLostFor } from "./use-lost-for";

/** Seconds without a stream after which the page says in words that its data may be old. */
const patience = 5;

/** Says that no change arrives, since when, and when it is tried again. It goes by itself. */
export function LostBanner({ connection, retry }: Live) {
  const gap = useLostFor(connection);
  if (!gap || gap.lost < patience) return null;
  return (
    <aside
      aria-label="No connection"
      className="flex min-h-8 flex-none items-center gap-2 border-b border-warn-line bg-warn-bg px-3 py-0.5 text-warn-fg print:hidden"
    >
      <Unplug size={15} strokeWidth={1.75} className="shrink-0" aria-hidden />
      <p className="min-w-0 flex-1">
        {/* The seconds would be spoken each time they change: only that it is lost is said aloud. */}
        <b role="status" className="font-semibold">
          No connection to the server.
        </b>{" "}
        What you see may be old
        <span className="tnum max-sm:hidden">
          : lost {gap.lost} s ago, trying again in {gap.retryIn} s
        </span>
        .
      </p>
      <Button size="small" onClick={retry}>
        Try now
      </Button>
    </aside>
  );
}
