import { Change } from "@/components/change";
import { ScoreGauge } from "@/components/charts/score-gauge";
import { Sparkline } from "@/components/charts/sparkline";
import { Panel } from "@/components/panel";
import { AgentLink } from "@/components/agent-link";
import type { Risk, RiskDay } from "@/lib/api/types";
import { num, plural } from "@/lib/format";
import { riskWord } from "@/lib/risk";

/** How great the risk is, whether it falls, and which machines make it. */
export function RiskPanel({ risk, days }: { risk: Risk; days: RiskDay[] }) {
  const known = risk.assets > 0;
  const before = days.at(0);
  return (
    <Panel
      title="Risk"
      aside={
        known && before && <Change by={risk.score - before.score} good="down" unit={` since ${before.day}`} />
      }
    >
      <div className="flex items-center gap-4 px-3.5 pb-2">
        <ScoreGauge score={known ? risk.score : null} />
        <div className="min-w-0 flex-1">
          <p className="text-lg font-semibold">{known ? riskWord(risk.score) : "No asset yet"}</p>
          <p className="text-xs text-fg-muted">
            {known
              ? `Over ${plural(risk.assets, "asset")}, from what is open on each`
              : "The first agent that reports brings one."}
          </p>
          <Sparkline values={[...days.map(({ score }) => score), ...(known ? [risk.score] : [])]} />
        </div>
      </div>
      {(risk.worst ?? []).slice(0, 3).map((asset) => (
        <div
          key={asset.agent_id}
          className="flex min-h-8 items-center gap-3 border-t border-border px-3.5 text-xs"
        >
          <span className="min-w-0 flex-1 truncate">
            <AgentLink id={asset.agent_id} hostname={asset.hostname} />
          </span>
          <span className="text-fg-muted">
            {num(asset.open.critical)} critical, {num(asset.open.high)} high
          </span>
          <span className="w-8 text-right font-semibold tnum">{Math.round(asset.score)}</span>
        </div>
      ))}
    </Panel>
  );
}
