import { Link } from "@tanstack/react-router";
import { VenetianMask } from "lucide-react";
import { Tooltip } from "@/components/ui/tooltip";
import { plural } from "@/lib/format";
import { useLiveGrants } from "../api/list-grants";

/** Tells a customer's people that somebody acts in their tenant from above, and leads to who and why. */
export function WatchedNotice({ tenant }: { tenant: string }) {
  const grants = useLiveGrants(tenant, true);
  const live = grants.data ?? [];
  if (live.length === 0) return null;
  const who =
    live.length === 1
      ? `${live[0].actor} acts in ${live[0].tenant_name}`
      : `${plural(live.length, "person", "people")} act here`;
  return (
    <span role="status" className="inline-flex min-w-0">
      <Tooltip content={`${who} from above: see why, what they did, and end it`}>
        <Link
          to="/t/$tenant/people/grants"
          params={{ tenant }}
          className="inline-flex h-6 max-w-70 items-center gap-1.5 rounded-xs bg-warn-bg px-2 text-xs font-medium text-warn-fg shadow-[inset_0_0_0_1px_var(--warn-line)]"
        >
          <VenetianMask size={13} className="shrink-0" aria-hidden />
          <span className="truncate max-sm:sr-only">{who}</span>
        </Link>
      </Tooltip>
    </span>
  );
}
