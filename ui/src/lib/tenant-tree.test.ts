import { describe, expect, it } from "vitest";
import { inTreeOrder } from "./tenant-tree";

describe("inTreeOrder", () => {
  it("puts each below its parent, siblings by name, and roots whose parent one cannot see on top", () => {
    const ordered = inTreeOrder([
      { id: "4", parent_id: "2", name: "Oslo" },
      { id: "2", parent_id: "1", name: "Northwind" },
      { id: "3", parent_id: "2", name: "Berlin" },
      { id: "9", parent_id: "hidden", name: "Adatum" },
      { id: "1", parent_id: null, name: "Contoso" },
    ]);
    expect(ordered.map(({ tenant, depth }) => `${depth} ${tenant.name}`)).toEqual([
      "0 Adatum",
      "0 Contoso",
      "1 Northwind",
      "2 Berlin",
      "2 Oslo",
    ]);
    expect(ordered.at(-1)?.path).toEqual(["Contoso", "Northwind"]);
  });
});
