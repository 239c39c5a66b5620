import { describe, expect, it } from "vitest";
import type { Agent, Platform } from "@/lib/api/types";
import { formatTarget, parseTarget, targeted, type Target } from "./target";

const agent = (
  id: string,
  platform: Platform,
  tags: string[],
  status: Agent["status"] = "online",
): Agent => ({
  id,
  platform,
  tags,
  status,
  tenant_id: "t",
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
];

describe("targeted", () => {
  it.each([
    [undefined, ["a", "b", "c"]],
    ["platform:linux", ["a", "b"]],
    ["platform:linux,tag:prod", ["a"]],
    ["tag:prod,tag:test", ["a", "b", "c"]],
    ["agent:c", ["c"]],
    ["agent:c,platform:linux", []],
    ["agent:d", []],
    ["group:g,platform:linux", ["a", "b"]],
    ["nonsense:1,platform", ["a", "b", "c"]],
  ])("%s reaches %j", (text, ids) => {
    expect(targeted(agents, parseTarget(text)).map(({ id }) => id)).toEqual(ids);
  });

  it("is the same after a way through the address", () => {
    const target: Target = { platforms: ["linux"], tags: ["a:b"], agents: ["x"], groups: ["g"] };
    expect(parseTarget(formatTarget(target))).toEqual(target);
  });
});
