import { describe, expect, it } from "vitest";
import { ColumnStore, type Value } from "./column-store";
import { view } from "./view";

function store(rows: Record<string, Value>[]): ColumnStore {
  const columns = new ColumnStore();
  for (const row of rows) columns.append(Object.keys(row), [Object.values(row)]);
  return columns;
}

describe("view", () => {
  const ports = store([
    { name: "web-10", port: 443 },
    { name: "web-2", port: 80 },
    { name: "db", port: null },
    { name: "web-2", port: 8080 },
  ]);

  it("keeps the order in which rows came when nothing sorts", () => {
    expect([...view(ports, [], null)]).toEqual([0, 1, 2, 3]);
  });

  it("sorts numbers as numbers with NULL last both ways", () => {
    expect([...view(ports, [], { column: "port", descending: false })]).toEqual([1, 0, 3, 2]);
    expect([...view(ports, [], { column: "port", descending: true })]).toEqual([3, 0, 1, 2]);
  });

  it("sorts names as people count and keeps equal rows in order", () => {
    expect([...view(ports, [], { column: "name", descending: false })]).toEqual([2, 1, 3, 0]);
    expect([...view(ports, [], { column: "name", descending: true })]).toEqual([0, 1, 3, 2]);
  });

  it("lets rows pass that pass every filter", () => {
    const filters = [
      { column: "name", text: "WEB" },
      { column: "port", text: "> 100" },
    ];
    expect([...view(ports, filters, null)]).toEqual([0, 3]);
  });

  it("holds nothing back for a column that another query had", () => {
    expect([...view(ports, [{ column: "gone", text: "x" }], { column: "gone", descending: true })]).toEqual([
      0, 1, 2, 3,
    ]);
  });

  it("sorts and filters counted columns", () => {
    const counts = { "@seen": new Uint32Array([3, 1, 2, 2]) };
    expect([...view(ports, [], { column: "@seen", descending: false }, counts)]).toEqual([1, 2, 3, 0]);
    expect([...view(ports, [], { column: "@seen", descending: true }, counts)]).toEqual([0, 2, 3, 1]);
    expect([...view(ports, [{ column: "@seen", text: ">= 2" }], null, counts)]).toEqual([0, 2, 3]);
  });

  it("stays right where ranks and places are large", () => {
    const many = new ColumnStore();
    const length = 50_000;
    many.append(
      ["hash"],
      Array.from({ length }, (_, row) => [((row * 7919) % length).toString(16).padStart(6, "0")]),
    );
    const order = view(many, [], { column: "hash", descending: false });
    const sorted = Array.from(order, (row) => many.value("hash", row));
    expect(sorted).toEqual([...sorted].sort());
    expect(new Set(order).size).toBe(length);
  });
});

describe("ColumnStore", () => {
  it("fills columns that rows lack with NULL, before and after", () => {
    const mixed = store([{ a: 1 }, { b: "x" }, { a: 2, b: "y" }]);
    expect([0, 1, 2].map((row) => [mixed.value("a", row), mixed.value("b", row)])).toEqual([
      [1, null],
      [null, "x"],
      [2, "y"],
    ]);
  });

  it("tells the number 1 from the text 1", () => {
    const mixed = store([{ a: 1 }, { a: "1" }]);
    expect(mixed.column("a").values).toEqual([1, "1"]);
  });
});
