import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { SquareTerminal, Tag } from "lucide-react";
import { useMemo, useState } from "react";
import { AgentList } from "@/features/agents/components/agent-list";
import { EnrollPanel } from "@/features/agents/components/enroll-panel";
import { TagDialog } from "@/features/agents/components/tag-dialog";
import { setAgentTags } from "@/features/agents/api/set-agent-tags";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import type { BulkAction } from "@/components/record-list/bulk-bar";
import { ListingStates } from "@/components/record-list/listing-states";
import { useAgents } from "@/hooks/use-agents";
import { useCan } from "@/hooks/use-me";
import { useSearchChange } from "@/hooks/use-search-change";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import type { Agent } from "@/lib/api/types";
import { num, plural } from "@/lib/format";

const route = getRouteApi("/t/$tenant/agents");
/** Agents that a live query's address names at most: beyond it one narrows by system or tag. */
const namedAgents = 50;

/** Which computers are there, and which are not well? */
export function AgentsPage() {
  const tenant = useTenant();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const can = useCan();
  const agents = useAgents(tenant);
  const [tagging, setTagging] = useState<Agent[] | null>(null);
  useTitle("Agents", tenant);
  useBreadcrumb([{ label: "Agents" }]);

  const asks = can("query.run");
  const manages = can("agents.manage");
  const bulk = useMemo(() => {
    const actions: BulkAction<Agent>[] = [];
    if (asks) {
      actions.push({
        label: "Query these",
        icon: SquareTerminal,
        key: "q",
        open: (chosen) => {
          const on = chosen
            .slice(0, namedAgents)
            .map(({ id }) => `agent:${id}`)
            .join(",");
          void navigate({ to: "/t/$tenant/query", params: { tenant }, search: { on } });
        },
      });
    }
    if (manages) actions.push({ label: "Tag", icon: Tag, key: "l", open: setTagging });
    return actions;
  }, [asks, manages, navigate, tenant]);

  return (
    <>
      <PageHeader title="Agents" answer={agents.data && summary(agents.data.items)} />
      <ListingStates
        query={agents}
        what="the agents"
        empty={<EnrollPanel tenant={tenant} canEnroll={can("enroll.manage")} />}
      >
        {(listing, stale) => (
          <AgentList
            agents={listing}
            stale={stale}
            search={search}
            onSearch={onSearch}
            bulk={bulk.length > 0 ? bulk : undefined}
            onOpen={({ id }) => {
              void navigate({ to: "/t/$tenant/agents/$agentId", params: { tenant, agentId: id } });
            }}
          />
        )}
      </ListingStates>
      {tagging && (
        <TagDialog
          agents={tagging}
          known={[...new Set((agents.data?.items ?? []).flatMap(({ tags }) => tags ?? []))].sort()}
          onTags={(agent, tags) => setAgentTags(tenant, agent.id, tags)}
          onClose={() => {
            setTagging(null);
            void queries.invalidateQueries({ queryKey: [tenant, "agents"] });
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
