import { describe, expect, it, vi } from "vitest";
import type { Finding } from "@/lib/api/types";
import { groupFindings, onGroups } from "./finding-groups";

const finding = (id: string, subject: string, agent: string, change: Partial<Finding> = {}): Finding => ({
  id,
  kind: "check",
  subject,
  title: `Check ${subject}`,
  agent_id: agent,
  hostname: `${agent}.example`,
  tenant_id: "t",
  tenant_name: "Northwind",
  severity: "medium",
  state: "open",
  message: "",
  first_seen_at: `2026-11-2${id}T12:00:00Z`,
  last_seen_at: `2026-11-2${id}T13:00:00Z`,
  ...change,
});
const findings = [
  finding("1", "ssh", "web"),
  finding("2", "ssh", "mail"),
  finding("3", "telnet", "web", { severity: "critical" }),
  finding("4", "ssh", "mail", { state: "acknowledged" }),
];

describe("groupFindings", () => {
  it("puts the worst check first, then the one on most agents", () => {
    expect(
      groupFindings(findings, "check").map(({ title, severity, findings: of, spread }) => [
        title,
        severity,
        of.length,
        spread,
      ]),
    ).toEqual([
      ["Check telnet", "critical", 1, 1],
      ["Check ssh", "medium", 3, 2],
    ]);
  });

  it("takes an agent's worst severity and the ends of its times", () => {
    expect(groupFindings(findings, "agent")).toMatchObject([
      { id: "web", title: "web.example", severity: "critical", spread: 2, firstSeen: "2026-11-21T12:00:00Z" },
      { id: "mail", severity: "medium", spread: 1, lastSeen: "2026-11-24T13:00:00Z" },
    ]);
  });

  it("tells findings of other kinds apart by their titles", () => {
    const other = (id: string, title: string) =>
      finding(id, `subject ${id}`, "web", { kind: "alert", title });
    expect(groupFindings([other("1", "a"), other("2", "a"), other("3", "b")], "check")).toHaveLength(2);
  });
});

describe("onGroups", () => {
  const group = groupFindings(findings, "check")[1];
  const open = ({ state }: Finding) => state === "open";

  it("goes on after one that fails, and tries again only what remains", async () => {
    const act = vi.fn((each: Finding) =>
      each.id === "1" && act.mock.calls.length === 1 ? Promise.reject(new Error("busy")) : Promise.resolve(),
    );
    const whole = onGroups(act, vi.fn(), open);
    await expect(whole.act(group)).rejects.toThrow("busy");
    await whole.act(group);
    expect(act.mock.calls.map(([{ id }]) => id)).toEqual(["1", "2", "1"]);
  });

  it("takes back what was done, and nothing else", async () => {
    const undo = vi.fn(() => Promise.resolve());
    const whole = onGroups(() => Promise.resolve(), undo, open);
    await whole.undo(group);
    expect(undo).not.toHaveBeenCalled();
    await whole.act(group);
    await whole.undo(group);
    expect(undo).toHaveBeenCalledTimes(2);
  });
});
