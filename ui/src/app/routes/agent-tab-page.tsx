import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { ArrowLeftRight, ClipboardCheck, FileQuestion, ScrollText } from "lucide-react";
import { AgentConfig } from "@/features/agents/components/agent-config";
import { AgentCost } from "@/features/agents/components/agent-cost";
import { AgentDrift, AgentLog, AgentVerdicts } from "@/features/agents/components/agent-records";
import { AgentShell } from "@/features/agents/components/agent-shell";
import { AgentTable } from "@/features/agents/components/agent-table";
import { useAgent } from "@/features/agents/api/get-agent";
import { useAgentConfig } from "@/features/agents/api/get-agent-config";
import { useAgentDrift } from "@/features/agents/api/list-agent-drift";
import { useAgentLog } from "@/features/agents/api/list-agent-log";
import { useAgentVerdicts } from "@/features/agents/api/list-agent-verdicts";
import { useCollections } from "@/features/agents/api/list-collections";
import { agentTables } from "@/features/agents/tables";
import { ListingStates } from "@/components/record-list/listing-states";
import { LoadOlder } from "@/components/record-list/load-older";
import { EmptyState, ErrorState } from "@/components/states";
import { Skeleton } from "@/components/ui/skeleton";
import { useSearchChange } from "@/hooks/use-search-change";
import { useTenant } from "@/hooks/use-tenant";
import { pagesOf } from "@/lib/api/client";

const route = getRouteApi("/t/$tenant/agents/$agentId/$tab");

/** One side of the agent: its processes, its compliance, its changes, its log, or a shell. */
export function AgentTabPage() {
  const { agentId, tab } = route.useParams();
  const tenant = useTenant();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const table = agentTables.find((each) => each.tab === tab);
  if (table) {
    return (
      <AgentTable
        key={tab}
        tenant={tenant}
        agentId={agentId}
        kind={table}
        search={search}
        onSearch={onSearch}
      />
    );
  }
  switch (tab) {
    case "compliance":
      return <ComplianceTab tenant={tenant} agentId={agentId} />;
    case "drift":
      return <DriftTab tenant={tenant} agentId={agentId} />;
    case "log":
      return <LogTab tenant={tenant} agentId={agentId} />;
    case "config":
      return <ConfigTab tenant={tenant} agentId={agentId} />;
    case "shell":
      return <ShellTab tenant={tenant} agentId={agentId} />;
    default:
      return (
        <EmptyState icon={FileQuestion} title="There is no such tab">
          The address names {tab}, which an agent has not.
        </EmptyState>
      );
  }
}

interface TabProps {
  tenant: string;
  agentId: string;
}

function ComplianceTab({ tenant, agentId }: TabProps) {
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const navigate = useNavigate();
  const verdicts = useAgentVerdicts(tenant, agentId);
  return (
    <ListingStates
      query={verdicts}
      what="the verdicts"
      empty={
        <EmptyState icon={ClipboardCheck} title="No check has judged this agent yet">
          Verdicts come with the first rows of the checks that are meant for its system.
        </EmptyState>
      }
    >
      {(listing, stale) => (
        <AgentVerdicts
          listing={listing}
          stale={stale}
          search={search}
          onSearch={onSearch}
          onOpen={({ check }) => {
            void navigate({ to: "/t/$tenant/compliance/$check", params: { tenant, check } });
          }}
        />
      )}
    </ListingStates>
  );
}

function DriftTab({ tenant, agentId }: TabProps) {
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const drift = useAgentDrift(tenant, agentId);
  return (
    <>
      <div className="flex flex-none justify-end px-5 py-1.5 empty:hidden">
        <LoadOlder query={drift} />
      </div>
      <ListingStates
        query={{ ...drift, data: pagesOf(drift) }}
        what="the changes"
        empty={
          <EmptyState icon={ArrowLeftRight} title="Nothing has changed">
            What this agent tells is as it was when it first told it.
          </EmptyState>
        }
      >
        {(listing, stale) => (
          <AgentDrift listing={listing} stale={stale} search={search} onSearch={onSearch} />
        )}
      </ListingStates>
    </>
  );
}

function LogTab({ tenant, agentId }: TabProps) {
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const agent = useAgent(tenant, agentId);
  const collections = useCollections(tenant, agentId);
  const log = useAgentLog(tenant, agentId);
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
      {agent.data && <AgentCost agent={agent.data} collections={collections.data ?? []} />}
      <div className="flex flex-none items-center justify-between px-5 pb-1.5 max-sm:px-4">
        <h2 className="text-xs font-semibold text-fg-muted">Log</h2>
        <LoadOlder query={log} />
      </div>
      <div className="flex min-h-90 flex-1 flex-col">
        <ListingStates
          query={{ ...log, data: pagesOf(log) }}
          what="the log"
          empty={
            <EmptyState icon={ScrollText} title="The agent has told nothing of itself">
              What it denies, throttles or fails at shows here.
            </EmptyState>
          }
        >
          {(listing, stale) => (
            <AgentLog listing={listing} stale={stale} search={search} onSearch={onSearch} />
          )}
        </ListingStates>
      </div>
    </div>
  );
}

function ConfigTab({ tenant, agentId }: TabProps) {
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const config = useAgentConfig(tenant, agentId);
  if (config.isError && !config.data) {
    return (
      <ErrorState what="load the configuration" error={config.error} retry={() => void config.refetch()} />
    );
  }
  if (!config.data) {
    return (
      <div role="status" className="grid gap-3 p-5 md:grid-cols-2">
        <span className="sr-only">Loading the configuration</span>
        <Skeleton className="h-40 rounded-md" />
        <Skeleton className="h-40 rounded-md" />
      </div>
    );
  }
  return <AgentConfig config={config.data} stale={config.isError} search={search} onSearch={onSearch} />;
}

function ShellTab({ tenant, agentId }: TabProps) {
  const agent = useAgent(tenant, agentId);
  return (
    agent.data && (
      <AgentShell
        key={agentId}
        tenant={tenant}
        agentId={agentId}
        hostname={agent.data.hostname}
        online={agent.data.status === "online"}
      />
    )
  );
}
