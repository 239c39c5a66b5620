import type { Agent, Platform } from "@/lib/api/types";

/** Whom to ask. Each list that is not empty narrows; an empty target is everybody one sees. */
export interface Target {
  platforms: Platform[];
  tags: string[];
  agents: string[];
  /** Ids of groups: an agent of any of them is asked. */
  groups: string[];
}

const platforms: Platform[] = ["linux", "darwin", "windows"];

/** A target in an address: `platform:linux,tag:prod`. Unknown parts are dropped. */
export function parseTarget(text: string | undefined): Target {
  const target: Target = { platforms: [], tags: [], agents: [], groups: [] };
  for (const part of (text ?? "").split(",")) {
    const colon = part.indexOf(":");
    const value = part.slice(colon + 1);
    if (colon < 1 || value === "") continue;
    const kind = part.slice(0, colon);
    if (kind === "tag") target.tags.push(value);
    if (kind === "agent") target.agents.push(value);
    if (kind === "group") target.groups.push(value);
    if (kind === "platform") target.platforms.push(...platforms.filter((each) => each === value));
  }
  return target;
}

export function formatTarget({ platforms, tags, agents, groups }: Target): string | undefined {
  const parts = [
    ...platforms.map((each) => `platform:${each}`),
    ...tags.map((each) => `tag:${each}`),
    ...groups.map((each) => `group:${each}`),
    ...agents.map((each) => `agent:${each}`),
  ];
  return parts.length > 0 ? parts.join(",") : undefined;
}

/** A target as the API takes it: a list that is there and empty would name nobody. */
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
export function targeted(agents: Agent[], { platforms, tags, agents: ids }: Target): Agent[] {
  return agents.filter(
    (agent) =>
      agent.status !== "revoked" &&
      agent.status !== "pending" &&
      (platforms.length === 0 || platforms.includes(agent.platform)) &&
      (tags.length === 0 || (agent.tags ?? []).some((tag) => tags.includes(tag))) &&
      (ids.length === 0 || ids.includes(agent.id)),
  );
}
