import { Link } from "@tanstack/react-router";
import { CopyButton } from "@/components/copy-button";
import { Fact, Panel } from "@/components/panel";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { Agent, Collection } from "@/lib/api/types";
import { num, plural } from "@/lib/format";
import { platformName } from "@/lib/platforms";
import { Tags } from "./agent-columns";
import { collectionState } from "./collection-state";

/** Collections named on the overview: those that need a look first. */
const shownCollections = 8;

/** What this machine is, what is wrong with it, and how old what we know is. */
export function AgentOverview({
  tenant,
  agent,
  collections,
}: {
  tenant: string;
  agent: Agent;
  collections: Collection[] | undefined;
}) {
  const params = { tenant, agentId: agent.id };
  const troubled = (collections ?? []).filter((each) => collectionState(each) === "error");
  const listed = [...troubled, ...(collections ?? []).filter((each) => !troubled.includes(each))];
  return (
    <div className="grid items-start gap-3 md:grid-cols-2">
      <Panel title="Facts">
        <dl className="mt-1">
          <Fact name="System">
            {[agent.os_name, agent.os_version].filter(Boolean).join(" ") || "unknown"}
          </Fact>
          <Fact name="Platform">
            {platformName(agent.platform)}, <span className="font-mono text-xs">{agent.arch}</span>
          </Fact>
          <Fact name="Agent version">
            <span className="font-mono text-xs">{agent.version}</span>
          </Fact>
          <Fact name="Tenant">{agent.tenant_name}</Fact>
          <Fact name="Tags">
            <Tags tags={agent.tags ?? []} />
          </Fact>
          <Fact name="Last seen">
            <Time at={agent.last_seen_at} />
          </Fact>
          <Fact name="Enrolled">
            <Time at={agent.enrolled_at} />
          </Fact>
          <Fact name="Id">
            <span className="min-w-0 truncate font-mono text-xs">{agent.id}</span>
            <CopyButton text={agent.id} label="Copy the agent's id" />
          </Fact>
        </dl>
      </Panel>
      <div className="flex flex-col gap-3">
        <Panel
          title="Open findings"
          aside={
            <Link
              to="/t/$tenant/agents/$agentId/findings"
              params={params}
              className="text-primary-text hover:underline"
            >
              Show
            </Link>
          }
        >
          <p className="px-3.5 pb-3">
            <span className="text-2xl font-[650] tnum">{num(agent.open_findings)}</span>{" "}
            <span className="text-fg-muted">
              {agent.open_findings === 0 ? "nothing open here" : "to look at"}
            </span>
          </p>
        </Panel>
        <Panel
          title="Freshness"
          aside={
            <Link
              to="/t/$tenant/agents/$agentId/collections"
              params={params}
              className="text-primary-text hover:underline"
            >
              {collections ? `All ${num(collections.length)}` : "All"}
            </Link>
          }
        >
          {listed.length === 0 ? (
            <p className="border-t border-border px-3.5 py-3 text-fg-muted">
              First rows arrive within a minute of a pack being set.
            </p>
          ) : (
            <ul className="mt-1">
              {listed.slice(0, shownCollections).map((each) => (
                <li
                  key={each.collection}
                  className="flex h-8 items-center gap-3 border-t border-border px-3.5"
                >
                  <Link
                    to="/t/$tenant/agents/$agentId/collections/$collection"
                    params={{ ...params, collection: each.collection }}
                    className="min-w-0 flex-1 truncate font-mono text-xs hover:text-primary-text hover:underline"
                  >
                    {each.collection}
                  </Link>
                  <span className="text-xs text-fg-muted tnum max-sm:hidden">{plural(each.rows, "row")}</span>
                  <span className="w-20 text-right text-xs text-fg-muted">
                    <Time at={each.last_batch_at} />
                  </span>
                  <span className="w-24">
                    <StatusBadge status={collectionState(each)} />
                  </span>
                </li>
              ))}
            </ul>
          )}
        </Panel>
      </div>
    </div>
  );
}
