import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { Archive, KeyRound, Plus, Radar, SquareTerminal, Tag } from "lucide-react";
import { useMemo, useState } from "react";
import { AgentList } from "@/features/agents/components/agent-list";
import { EnrollPanel } from "@/features/agents/components/enroll-panel";
import { EnrollDialog } from "@/features/agents/components/enroll-dialog";
import { RetireDialog } from "@/features/agents/components/retire-dialog";
import { TagDialog } from "@/features/agents/components/tag-dialog";
import { retireAgent, rotateKey } from "@/features/agents/api/change-agent";
import { setAgentTags } from "@/features/agents/api/set-agent-tags";
import { useTriggerScan } from "@/features/scans/api/scans";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import type { BulkAction } from "@/components/record-list/bulk-bar";
import { ListingStates } from "@/components/record-list/listing-states";
import { Button } from "@/components/ui/button";
import { useAgents } from "@/hooks/use-agents";
import { useCan } from "@/hooks/use-me";
import { useSearchChange } from "@/hooks/use-search-change";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import type { Agent } from "@/lib/api/types";
import { explain } from "@/lib/api/problem";
import { num, plural } from "@/lib/format";
import { notify } from "@/lib/toasts";

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
  const [retiring, setRetiring] = useState<Agent[] | null>(null);
  const [enrolling, setEnrolling] = useState(false);
  const { mutate: triggerScan } = useTriggerScan(tenant);
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
    if (asks) {
      actions.push({
        label: "Scan now",
        icon: Radar,
        key: "s",
        open: (chosen) => {
          triggerScan(
            { target: { agent_ids: chosen.map(({ id }) => id) } },
            {
              onSuccess: ({ id }) =>
                void navigate({ to: "/t/$tenant/scans/$scan", params: { tenant, scan: id } }),
              onError: (error) => {
                notify(`Could not start the scan. ${explain(error)}`, "bad");
              },
            },
          );
        },
      });
    }
    if (manages) {
      actions.push(
        { label: "Tag", icon: Tag, key: "l", open: setTagging },
        {
          label: "Change keys",
          icon: KeyRound,
          past: "asked to change their keys",
          allows: ({ status }) => status === "online" || status === "offline",
          act: ({ id }) => rotateKey(tenant, id),
        },
        { label: "Retire", icon: Archive, open: setRetiring },
      );
    }
    return actions;
  }, [asks, manages, navigate, tenant, triggerScan]);

  return (
    <>
      <PageHeader
        title="Agents"
        answer={agents.data && summary(agents.data.items)}
        actions={
          can("enroll.manage") &&
          agents.data &&
          agents.data.items.length > 0 && (
            <Button
              variant="primary"
              onClick={() => {
                setEnrolling(true);
              }}
            >
              <Plus size={15} strokeWidth={1.75} aria-hidden />
              Enrol agents
            </Button>
          )
        }
      />
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
      {enrolling && (
        <EnrollDialog
          tenant={tenant}
          onClose={() => {
            setEnrolling(false);
          }}
        />
      )}
      {retiring && (
        <RetireDialog
          agents={retiring}
          onRetire={({ id }) => retireAgent(tenant, id)}
          onClose={() => {
            setRetiring(null);
            void queries.invalidateQueries({ queryKey: [tenant, "agents"] });
          }}
        />
      )}
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
