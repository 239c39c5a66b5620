import { describe, expect, it } from "vitest";
import type { Agent, Platform } from "@/lib/api/types";
import { formatTarget, inAgents, parseTarget, subtree, targeted, type Target } from "./target";

const agent = (
  id: string,
  platform: Platform,
  tags: string[],
  status: Agent["status"] = "online",
  tenant = "t",
): Agent => ({
  id,
  platform,
  tags,
  status,
  tenant_id: tenant,
  tenant_name: "T",
  hostname: id,
  os_name: "",
  os_version: "",
  arch: "",
  version: "",
  last_seen_at: "",
  enrolled_at: "",
  open_findings: 0,
});
const agents = [
  agent("a", "linux", ["prod"]),
  agent("b", "linux", ["test"], "offline"),
  agent("c", "windows", ["prod"]),
  agent("d", "linux", ["prod"], "revoked"),
  agent("e", "darwin", [], "online", "t/site"),
];
const tenants = [
  { id: "t", parent_id: "msp", name: "T" },
  { id: "t/site", parent_id: "t", name: "Site" },
  { id: "u", parent_id: "msp", name: "U" },
];

describe("targeted", () => {
  it.each([
    [undefined, ["a", "b", "c", "e"]],
    ["platform:linux", ["a", "b"]],
    ["platform:linux,tag:prod", ["a"]],
    ["tag:prod,tag:test", ["a", "b", "c"]],
    ["agent:c", ["c"]],
    ["agent:c,platform:linux", []],
    ["agent:d", []],
    ["group:g,platform:linux", ["a", "b"]],
    ["nonsense:1,platform", ["a", "b", "c", "e"]],
    ["tenant:t", ["a", "b", "c", "e"]],
    ["tenant:t/site", ["e"]],
    ["tenant:t,platform:windows", ["c"]],
    ["tenant:u", []],
  ])("%s reaches %j", (text, ids) => {
    expect(targeted(agents, parseTarget(text), tenants).map(({ id }) => id)).toEqual(ids);
  });

  it("is the same after a way through the address", () => {
    const target: Target = {
      tenants: ["s"],
      platforms: ["linux"],
      tags: ["a:b"],
      agents: ["x"],
      groups: ["g"],
    };
    expect(parseTarget(formatTarget(target))).toEqual(target);
  });
});

describe("inAgents", () => {
  it("names the agents of tenants, and leaves other targets alone", () => {
    const site = inAgents(parseTarget("tenant:t/site,tag:x"), agents, tenants);
    expect([site.tenants, site.agents, site.tags]).toEqual([[], [], ["x"]]);
    expect(inAgents(parseTarget("tenant:t/site"), agents, tenants).agents).toEqual(["e"]);
    expect(inAgents(parseTarget("platform:linux"), agents, tenants).agents).toEqual([]);
  });
});

it("ends on a tree that goes in a circle", () => {
  const circle = [
    { id: "a", parent_id: "b", name: "A" },
    { id: "b", parent_id: "a", name: "B" },
  ];
  expect([...subtree(circle, ["a"])].sort()).toEqual(["a", "b"]);
});
