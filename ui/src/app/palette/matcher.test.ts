import { describe, expect, it } from "vitest";
import { matcher } from "./matcher";

const hosts = ["db-01.web", "old-kiosk", "web-04.berlin", "cobweb"];
const rank = (text: string) => matcher(text).rank(hosts, (host) => [host]);

describe("matcher", () => {
  it("puts names that start with the text first, then names with such a part", () => {
    expect(rank("web")).toEqual(["web-04.berlin", "db-01.web", "cobweb"]);
  });

  it("wants every word, in any order and case", () => {
    expect(rank("BERLIN web")).toEqual(["web-04.berlin"]);
    expect(rank("berlin kiosk")).toEqual([]);
  });

  it("takes the best of several names", () => {
    const checks = [{ title: "Root cannot log in over SSH", id: "ssh-root-login" }];
    expect(matcher("ssh-root").rank(checks, ({ title, id }) => [title, id])).toEqual(checks);
  });

  it.each([
    ["", false, ["actions", "agents", "tables"], []],
    ["web", true, ["actions", "agents", "tables"], []],
    ["@", true, ["agents"], ["actions", "tables"]],
    ["> theme", true, ["actions"], ["agents"]],
  ] as const)("%j names something: %j", (text, listed, shown, hidden) => {
    const asked = matcher(text);
    expect(asked.listed).toBe(listed);
    for (const kind of shown) expect(asked.shows(kind)).toBe(true);
    for (const kind of hidden) expect(asked.shows(kind)).toBe(false);
  });

  it("keeps the order of what nothing tells apart", () => {
    expect(rank("@")).toEqual(hosts);
  });
});
