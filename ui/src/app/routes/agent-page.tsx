import { getRouteApi, Link, Outlet, useNavigate } from "@tanstack/react-router";
import { SquareTerminal } from "lucide-react";
import { useTenants } from "@/features/tenants/api/list-tenants";
import { AgentActions } from "@/features/agents/components/agent-actions";
import { AgentOverview } from "@/features/agents/components/agent-overview";
import { CollectionList } from "@/features/agents/components/collection-list";
import { useAgent } from "@/features/agents/api/get-agent";
import { useCollections } from "@/features/agents/api/list-collections";
import { agentTables } from "@/features/agents/tables";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import { ErrorState } from "@/components/states";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { useCan } from "@/hooks/use-me";
import { useHotkey } from "@/hooks/use-hotkey";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import { num } from "@/lib/format";

const route = getRouteApi("/t/$tenant/agents/$agentId");
const tab =
  "relative inline-flex h-9 items-center gap-1.5 px-2.5 font-medium whitespace-nowrap text-fg-muted hover:text-fg focus-inset";
const activeTab = {
  className:
    "text-fg after:absolute after:inset-x-2.5 after:-bottom-px after:h-0.5 after:rounded-t-xs after:bg-primary",
};

/** Further sides of an agent, and the permission that each needs. */
const sides = [
  ...agentTables.map(({ tab: name, label }) => ({ tab: name, label, permission: "query.run" })),
  { tab: "compliance", label: "Compliance", permission: "compliance.read" },
  { tab: "drift", label: "Drift", permission: "findings.read" },
  { tab: "log", label: "Logs and cost", permission: "agents.read" },
  { tab: "config", label: "Configuration", permission: "agents.read" },
  { tab: "shell", label: "Shell", permission: "query.run" },
];

/** What is this machine, what is wrong, what is known about it? */
export function AgentPage() {
  const { agentId } = route.useParams();
  const tenant = useTenant();
  const can = useCan();
  const navigate = useNavigate();
  const agent = useAgent(tenant, agentId);
  const collections = useCollections(tenant, agentId);
  const tenants = useTenants(can("tenants.read") && can("agents.manage"));
  const name = agent.data?.hostname ?? "Agent";
  useTitle(name, tenant);
  useBreadcrumb([
    {
      label: "Agents",
      link: (
        <Link to="/t/$tenant/agents" params={{ tenant }} className="hover:text-fg">
          Agents
        </Link>
      ),
    },
    { label: name },
  ]);
  const query = () => {
    void navigate({ to: "/t/$tenant/query", params: { tenant }, search: { on: `agent:${agentId}` } });
  };
  useHotkey("q", query, can("query.run"));

  if (agent.isError && !agent.data) {
    return (
      <>
        <h1 className="sr-only">Agent</h1>
        <ErrorState what="load the agent" error={agent.error} retry={() => void agent.refetch()} />
      </>
    );
  }
  const data = agent.data;
  const params = { tenant, agentId };
  return (
    <>
      <PageHeader
        title={name}
        badge={data && <StatusBadge status={data.status} />}
        answer={
          data && (
            <>
              {[data.os_name, data.os_version].filter(Boolean).join(" ")} · seen{" "}
              <Time at={data.last_seen_at} />
            </>
          )
        }
        actions={
          <>
            {data && can("agents.manage") && (
              <AgentActions
                tenant={tenant}
                agent={data}
                tenants={tenants.data?.items ?? []}
                onMoved={(tenantId, moved) => {
                  const to = tenants.data?.items.find(({ id }) => id === tenantId);
                  if (!to) return;
                  void navigate({
                    to: "/t/$tenant/agents/$agentId",
                    params: { tenant: to.slug, agentId: moved },
                  });
                }}
              />
            )}
            {can("query.run") && (
              <Button variant="primary" onClick={query}>
                <SquareTerminal size={15} strokeWidth={1.75} aria-hidden />
                Query
              </Button>
            )}
          </>
        }
      />
      <nav
        aria-label="Agent"
        className="no-print flex flex-none gap-0.5 overflow-x-auto border-b border-border px-3"
      >
        <Link
          to="/t/$tenant/agents/$agentId"
          params={params}
          activeOptions={{ exact: true }}
          className={tab}
          activeProps={activeTab}
        >
          Overview
        </Link>
        <Link
          to="/t/$tenant/agents/$agentId/collections"
          params={params}
          className={tab}
          activeProps={activeTab}
        >
          Collections {collections.data && <Count count={collections.data.length} />}
        </Link>
        {can("findings.read") && (
          <Link
            to="/t/$tenant/agents/$agentId/findings"
            params={params}
            className={tab}
            activeProps={activeTab}
          >
            Findings {data && <Count count={data.open_findings} />}
          </Link>
        )}
        {sides
          .filter(({ permission }) => can(permission))
          .map((side) => (
            <Link
              key={side.tab}
              to="/t/$tenant/agents/$agentId/$tab"
              params={{ ...params, tab: side.tab }}
              activeOptions={{ includeSearch: false }}
              className={tab}
              activeProps={activeTab}
            >
              {side.label}
            </Link>
          ))}
      </nav>
      {data?.status === "offline" && (
        <p className="flex-none border-b border-warn-line bg-warn-bg px-5 py-1.5 text-warn-fg max-sm:px-4">
          Offline. What you see is what it sent before: last heard <Time at={data.last_seen_at} />.
        </p>
      )}
      <Outlet />
    </>
  );
}

function Count({ count }: { count: number }) {
  return (
    <span className="rounded-xs bg-sunken px-1.5 text-2xs leading-4 text-fg-subtle tnum dark:bg-hover">
      {num(count)}
    </span>
  );
}

export function AgentOverviewTab() {
  const { agentId } = route.useParams();
  const tenant = useTenant();
  const agent = useAgent(tenant, agentId);
  const collections = useCollections(tenant, agentId);
  return (
    <div className="min-h-0 flex-1 overflow-y-auto p-5 max-sm:p-4">
      {agent.data ? (
        <AgentOverview tenant={tenant} agent={agent.data} collections={collections.data} />
      ) : (
        <div role="status" className="grid gap-3 md:grid-cols-2">
          <span className="sr-only">Loading the agent</span>
          <Skeleton className="h-74 rounded-md" />
          <Skeleton className="h-74 rounded-md" />
        </div>
      )}
    </div>
  );
}

export function AgentCollectionsTab() {
  const { agentId } = route.useParams();
  const tenant = useTenant();
  const collections = useCollections(tenant, agentId);
  return (
    <div className="min-h-0 flex-1 overflow-y-auto p-5 max-sm:p-4">
      {collections.data ? (
        <CollectionList tenant={tenant} agentId={agentId} collections={collections.data} />
      ) : collections.isError ? (
        <ErrorState
          what="load the collections"
          error={collections.error}
          retry={() => void collections.refetch()}
        />
      ) : (
        <div role="status">
          <span className="sr-only">Loading the collections</span>
          <Skeleton className="h-80 rounded-md" />
        </div>
      )}
    </div>
  );
}
