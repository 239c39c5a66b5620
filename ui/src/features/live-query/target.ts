import type { Agent, Platform, Tenant } from "@/lib/api/types";

export type TenantNode = Pick<Tenant, "id" | "parent_id" | "name">;

/** Whom to ask. Each list that is not empty narrows; an empty target is everybody one sees. */
export interface Target {
  /** Ids of tenants: their agents and those of all tenants below. */
  tenants: string[];
  platforms: Platform[];
  tags: string[];
  agents: string[];
  /** Ids of groups: an agent of any of them is asked. */
  groups: string[];
}

const platforms: Platform[] = ["linux", "darwin", "windows"];

/** A target in an address: `platform:linux,tag:prod`. Unknown parts are dropped. */
export function parseTarget(text: string | undefined): Target {
  const target: Target = { tenants: [], platforms: [], tags: [], agents: [], groups: [] };
  for (const part of (text ?? "").split(",")) {
    const colon = part.indexOf(":");
    const value = part.slice(colon + 1);
    if (colon < 1 || value === "") continue;
    const kind = part.slice(0, colon);
    if (kind === "tenant") target.tenants.push(value);
    if (kind === "tag") target.tags.push(value);
    if (kind === "agent") target.agents.push(value);
    if (kind === "group") target.groups.push(value);
    if (kind === "platform") target.platforms.push(...platforms.filter((each) => each === value));
  }
  return target;
}

export function formatTarget({ tenants, platforms, tags, agents, groups }: Target): string | undefined {
  const parts = [
    ...tenants.map((each) => `tenant:${each}`),
    ...platforms.map((each) => `platform:${each}`),
    ...tags.map((each) => `tag:${each}`),
    ...groups.map((each) => `group:${each}`),
    ...agents.map((each) => `agent:${each}`),
  ];
  return parts.length > 0 ? parts.join(",") : undefined;
}

/** A target as the API takes it, once `inAgents` has put agents for its tenants: a list that is there and empty would name nobody. */
export function targetBody({ platforms, tags, agents, groups }: Target) {
  return {
    ...(platforms.length > 0 && { platforms }),
    ...(tags.length > 0 && { tags }),
    ...(agents.length > 0 && { agent_ids: agents }),
    ...(groups.length > 0 && { groups }),
  };
}

/**
 * The agents a target reaches, as the server chooses them: those that were revoked or not yet approved are not asked. Who is in a
 * group the server knows; its members are all that the other parts leave.
 */
export function targeted(agents: Agent[], target: Target, tenants: TenantNode[]): Agent[] {
  const { platforms, tags, agents: ids } = target;
  const within = target.tenants.length > 0 ? subtree(tenants, target.tenants) : null;
  return agents.filter(
    (agent) =>
      agent.status !== "revoked" &&
      agent.status !== "pending" &&
      (within === null || within.has(agent.tenant_id)) &&
      (platforms.length === 0 || platforms.includes(agent.platform)) &&
      (tags.length === 0 || (agent.tags ?? []).some((tag) => tags.includes(tag))) &&
      (ids.length === 0 || ids.includes(agent.id)),
  );
}

/** The target with the agents of its tenants by name, as they are now: the server is asked in one tenant and does not know others. */
export function inAgents(target: Target, agents: Agent[], tenants: TenantNode[]): Target {
  if (target.tenants.length === 0) return target;
  return { ...target, tenants: [], agents: targeted(agents, target, tenants).map(({ id }) => id) };
}

/** Tenants by id with all that lie below them. */
export function subtree(tenants: TenantNode[], roots: string[]): Set<string> {
  const children = new Map<string, string[]>();
  for (const { id, parent_id } of tenants) {
    if (parent_id) children.set(parent_id, [...(children.get(parent_id) ?? []), id]);
  }
  const found = new Set<string>();
  const open = [...roots];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (!found.has(id)) open.push(...(children.get(id) ?? []));
    found.add(id);
  }
  return found;
}
