import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { AgentList } from "@/features/agents/components/agent-list";
import { EnrollPanel } from "@/features/agents/components/enroll-panel";
import { useBreadcrumb } from "@/components/breadcrumb";
import { GridSkeleton } from "@/components/data-grid/grid-skeleton";
import { PageHeader } from "@/components/page-header";
import { ErrorState } from "@/components/states";
import { useAgents } from "@/hooks/use-agents";
import { useCan } from "@/hooks/use-me";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import type { Agent } from "@/lib/api/types";
import { num, plural } from "@/lib/format";

const route = getRouteApi("/t/$tenant/agents");

/** Which computers are there, and which are not well? */
export function AgentsPage() {
  const tenant = useTenant();
  const search = route.useSearch();
  const navigate = useNavigate();
  const can = useCan();
  const agents = useAgents(tenant);
  useTitle("Agents", tenant);
  useBreadcrumb([{ label: "Agents" }]);

  return (
    <>
      <PageHeader title="Agents" answer={agents.data && summary(agents.data.items)} />
      {agents.isPending ? (
        <GridSkeleton label="agents" rows={16} />
      ) : agents.isError && !agents.data ? (
        <ErrorState what="load the agents" error={agents.error} retry={() => void agents.refetch()} />
      ) : agents.data.items.length === 0 ? (
        <EnrollPanel tenant={tenant} canEnroll={can("enroll.manage")} />
      ) : (
        <AgentList
          agents={agents.data}
          stale={agents.isError}
          search={search}
          onSearch={(change) => {
            void navigate({
              to: "/t/$tenant/agents",
              params: { tenant },
              search: { ...search, ...change },
              replace: true,
            });
          }}
          onOpen={({ id }) => {
            void navigate({ to: "/t/$tenant/agents/$agentId", params: { tenant, agentId: id } });
          }}
        />
      )}
    </>
  );
}

/** The answer in a line: how many, how many online, how many with findings. */
function summary(agents: Agent[]): string {
  if (agents.length === 0) return "";
  const online = agents.filter(({ status }) => status === "online").length;
  const unwell = agents.filter(({ open_findings }) => open_findings > 0).length;
  return `${plural(agents.length, "agent")}, ${num(online)} online, ${num(unwell)} with open findings`;
}
