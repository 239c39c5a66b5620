import { Badge } from "@/components/badge";
import { Panel } from "@/components/panel";
import type { Standing } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { figure, meterWord, share, type Meter } from "../meters";

/** How much of its plan a tenant uses: n of m for each thing that the plan counts. */
export function PlanMeters({ standing }: { standing: Standing }) {
  return (
    <Panel title={`Of the plan ${planName(standing.plan)}`}>
      <dl className="grid gap-x-6 gap-y-3 px-3.5 pt-1 pb-3.5 sm:grid-cols-2 xl:grid-cols-5">
        {(standing.meters ?? []).map((meter) => (
          <PlanMeter key={meter.meter} meter={meter} />
        ))}
      </dl>
    </Panel>
  );
}

function PlanMeter({ meter }: { meter: Meter }) {
  const { used, limit, state, at_limit } = meter;
  const part = Math.min(1, share(meter));
  return (
    <div>
      <dt className="flex min-h-6 items-center gap-2 text-fg-muted">
        <span className="flex-1">{meterWord(meter.meter)}</span>
        {state === "near" && <Badge tone="warn">Near the limit</Badge>}
        {state === "reached" && <Badge tone="bad">{at_limit === "refused" ? "At the limit" : "Over"}</Badge>}
      </dt>
      <dd className="tnum">
        <b className="text-lg font-[650]">{figure(meter.meter, used)}</b>{" "}
        <span className="text-fg-muted">
          {limit === null ? "no limit" : `of ${figure(meter.meter, limit)}`}
        </span>
        {limit !== null && (
          <span aria-hidden className="mt-1 block h-1.5 overflow-hidden rounded-xs bg-sunken dark:bg-hover">
            <i
              className={cn(
                "block h-full rounded-xs bg-chart-1",
                state === "near" && "bg-warn",
                state === "reached" && "bg-bad",
              )}
              style={{ width: used === 0 ? 0 : `max(2px, ${part * 100}%)` }}
            />
          </span>
        )}
        {state === "reached" && (
          <span className="mt-1 block text-xs text-fg-muted">
            {at_limit === "refused"
              ? "Nothing more is begun."
              : "Everything goes on; what is over shows here."}
          </span>
        )}
      </dd>
    </div>
  );
}

function planName(plan: string): string {
  return plan.slice(0, 1).toUpperCase() + plan.slice(1);
}
