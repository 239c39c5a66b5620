import { Link } from "@tanstack/react-router";
import { Badge } from "@/components/badge";
import { Panel } from "@/components/panel";
import type { Standing } from "@/lib/api/types";
import { plural } from "@/lib/format";
import { figure, meterWord, pressing } from "../meters";

/** Tenants shown: the nearest to their limits. */
const shown = 6;

/** Which tenants are near the limits of their plans, the nearest first; nothing where all have room. */
export function PressingList({ standings }: { standings: Standing[] }) {
  const found = pressing(standings);
  if (found.length === 0) return null;
  return (
    <Panel title="Near a limit">
      <ul className="pb-1.5">
        {found.slice(0, shown).map(({ standing, meter }) => (
          <li
            key={`${standing.tenant_id} ${meter.meter}`}
            className="flex min-h-8 flex-wrap items-center gap-x-3 px-3.5"
          >
            <Link
              to="/t/$tenant/usage"
              params={{ tenant: standing.tenant }}
              className="font-[550] underline-offset-2 hover:text-primary-text hover:underline"
            >
              {standing.tenant_name}
            </Link>
            <span className="min-w-0 flex-1 text-fg-muted tnum">
              {meterWord(meter.meter)}: {figure(meter.meter, meter.used)} of{" "}
              {figure(meter.meter, meter.limit ?? 0)}
            </span>
            <Badge tone={meter.state === "reached" ? "bad" : "warn"}>
              {meter.state === "reached" ? "At the limit" : "Near"}
            </Badge>
          </li>
        ))}
      </ul>
      {found.length > shown && (
        <p className="px-3.5 pb-2.5 text-xs text-fg-muted">and {plural(found.length - shown, "other")}</p>
      )}
    </Panel>
  );
}
