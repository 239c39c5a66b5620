import { getRouteApi } from "@tanstack/react-router";
import { useGains, useScores, useTrends } from "@/features/compliance/api/scores";
import { AgentsPanel } from "@/features/dashboard/components/agents-panel";
import { CustomersPanel } from "@/features/dashboard/components/customers-panel";
import { FixesPanel } from "@/features/dashboard/components/fixes-panel";
import { FrameworksPanel } from "@/features/dashboard/components/frameworks-panel";
import { PanelStates } from "@/features/dashboard/components/panel-states";
import { SeverityPanel } from "@/features/dashboard/components/severity-panel";
import { TrendPanel } from "@/features/dashboard/components/trend-panel";
import { useLatestDrift } from "@/features/drift/api/list-drift";
import { LatestPanel } from "@/features/drift/components/latest-panel";
import { useFindings } from "@/features/findings/api/list-findings";
import { useClients } from "@/features/msp/api/list-clients";
import { useRisk, useRiskTrend } from "@/features/risk/api/risk";
import { RiskPanel } from "@/features/risk/components/risk-panel";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import { StateTabs } from "@/components/state-tabs";
import { useAgents } from "@/hooks/use-agents";
import { useHotkey } from "@/hooks/use-hotkey";
import { useCan } from "@/hooks/use-me";
import { useSearchChange } from "@/hooks/use-search-change";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import type { Finding, FrameworkScore } from "@/lib/api/types";
import { num, plural } from "@/lib/format";
import { severityOf } from "@/lib/severity";

const route = getRouteApi("/t/$tenant/dashboard");
const ranges = [
  { state: "7", label: "7 days" },
  { state: "30", label: "30 days" },
  { state: "90", label: "90 days" },
  { state: "365", label: "A year" },
];
/** Lines that one can tell apart. */
const lineCount = 5;

/** Are we better or worse than before, and what do I do first? */
export function DashboardPage() {
  const tenant = useTenant();
  const can = useCan();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const range = ranges.find(({ state }) => state === search.days)?.state ?? "30";
  const days = Number(range);
  const judged = can("compliance.read");

  const findings = useFindings(tenant, { state: "open" });
  const agents = useAgents(tenant, can("agents.read"));
  const risk = useRisk(tenant);
  const riskDays = useRiskTrend(tenant, days);
  const scores = useScores(tenant, judged);
  const gains = useGains(tenant, undefined, judged);
  const latest = useLatestDrift(tenant, can("findings.read"));
  const clients = useClients(tenant, can("msp.read"));
  const widest = mostJudged(scores.data?.frameworks ?? []);
  const trends = useTrends(
    tenant,
    widest.map(({ framework }) => framework),
    days,
  );
  useTitle("Dashboard", tenant);
  useBreadcrumb([{ label: "Dashboard" }]);
  const choose = (next: string) => {
    onSearch({ days: next === "30" ? undefined : next });
  };
  useHotkey("1", () => {
    choose("7");
  });
  useHotkey("2", () => {
    choose("30");
  });
  useHotkey("3", () => {
    choose("90");
  });

  const earlier = new Map(
    trends.flatMap(({ data }) => {
      // A day that goes on has no score yet: what is compared with is of a day before.
      const first = data?.days.find(({ day }) => Date.parse(day) < startOfToday());
      return first && data ? [[data.framework, first.percent] as const] : [];
    }),
  );
  const lines = widest.map(({ framework, title, percent }) => ({
    name: shortTitle(title),
    points: [
      ...(trends
        .find(({ data }) => data?.framework === framework)
        ?.data?.days.map(({ day, percent: then }) => ({ at: Date.parse(day), value: then }))
        .filter(({ at }) => at < startOfToday()) ?? []),
      { at: startOfToday(), value: percent },
    ],
  }));

  return (
    <>
      <PageHeader title="Dashboard" answer={findings.data && summary(findings.data.items)} />
      <StateTabs label="Days" states={ranges} chosen={range} count={undefined} onChoose={choose} />
      <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-8 max-sm:px-4">
        <div className="grid max-w-350 grid-cols-1 gap-3 md:grid-cols-2 xl:grid-cols-3">
          <PanelStates query={risk} what="the risk">
            {(known) => <RiskPanel risk={known} days={riskDays.data ?? []} />}
          </PanelStates>
          <PanelStates query={findings} what="the findings">
            {({ items }) => <SeverityPanel tenant={tenant} findings={items} />}
          </PanelStates>
          {can("agents.read") && (
            <PanelStates query={agents} what="the agents">
              {({ items }) => <AgentsPanel tenant={tenant} agents={items} />}
            </PanelStates>
          )}
          {(clients.data?.items.length ?? 0) > 0 && clients.data && (
            <div className="md:col-span-2 xl:col-span-3">
              <CustomersPanel clients={clients.data.items} />
            </div>
          )}
          {judged && (
            <>
              <div className="md:col-span-2">
                <PanelStates query={scores} what="the scores">
                  {(known) => <TrendPanel scores={known} lines={lines} />}
                </PanelStates>
              </div>
              <PanelStates query={scores} what="the frameworks">
                {(known) => (
                  <FrameworksPanel tenant={tenant} frameworks={known.frameworks ?? []} before={earlier} />
                )}
              </PanelStates>
              <div className="md:col-span-2">
                <PanelStates query={gains} what="the fixes">
                  {(fixes) => <FixesPanel tenant={tenant} gains={fixes} />}
                </PanelStates>
              </div>
            </>
          )}
          {can("findings.read") && (
            <PanelStates query={latest} what="what changed">
              {(changes) => <LatestPanel tenant={tenant} latest={changes} />}
            </PanelStates>
          )}
        </div>
      </div>
    </>
  );
}

/** The frameworks with most judged controls: their lines say most. */
function mostJudged(frameworks: FrameworkScore[]): FrameworkScore[] {
  return frameworks
    .filter(({ judged }) => judged > 0)
    .sort((a, b) => b.judged - a.judged)
    .slice(0, lineCount);
}

/** A framework's name without what its readers know: "CIS Debian Linux 12 Benchmark" fits no line's end. */
function shortTitle(title: string): string {
  return title
    .replace(/ (Benchmark|LTS|Security Rule).*$/, "")
    .replace(/^NIST (?=SP )/, "")
    .replace(/ Linux /, " ");
}

function startOfToday(): number {
  return Date.parse(new Date().toISOString().slice(0, 10));
}

/** The answer in a line: what is open, and the worst of it. */
function summary(findings: Finding[]): string {
  if (findings.length === 0) return "Nothing is open";
  const of = (wanted: string) => findings.filter(({ severity }) => severityOf(severity) === wanted).length;
  const agents = new Set(findings.map(({ agent_id }) => agent_id)).size;
  return `${plural(findings.length, "open finding")} on ${plural(agents, "agent")}: ${num(of("critical"))} critical, ${num(of("high"))} high`;
}
