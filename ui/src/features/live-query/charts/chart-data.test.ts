import { describe, expect, it } from "vitest";
import { ColumnStore } from "@/lib/grid/column-store";
import { barsOf, numericColumns, pointsOf } from "./chart-data";

function storeWith(names: string[], rows: (string | number | null)[][]): ColumnStore {
  const store = new ColumnStore();
  store.append(names, rows);
  return store;
}
const listeners = storeWith(
  ["name", "port", "bytes"],
  [
    ["sshd", 22, "10"],
    ["nginx", 443, "5"],
    ["sshd", 22, null],
    [null, 8080, "1"],
    ["", 22, "x"],
  ],
);
const all = [0, 1, 2, 3, 4];

describe("barsOf", () => {
  it("counts rows by value, largest first", () => {
    expect(barsOf(listeners, all, "name", "rows")).toEqual([
      { label: "sshd", value: 2 },
      { label: "(empty)", value: 1 },
      { label: "nginx", value: 1 },
      { label: "NULL", value: 1 },
    ]);
  });

  it("counts only the rows shown, and sums a column", () => {
    expect(barsOf(listeners, [0, 1], "name", "bytes")).toEqual([
      { label: "sshd", value: 10 },
      { label: "nginx", value: 5 },
    ]);
  });

  it("puts what has no room together", () => {
    const many = storeWith(
      ["n"],
      Array.from({ length: 30 }, (_, index) => [`v${String(index).padStart(2, "0")}`]),
    );
    const bars = barsOf(many, [...Array(30).keys()], "n", "rows");
    expect(bars.length).toBe(20);
    expect(bars.at(-1)).toEqual({ label: "others", value: 11, others: 11 });
  });

  it("has nothing to show of a column that is not there", () => {
    expect(barsOf(listeners, all, "nope", "rows")).toEqual([]);
  });
});

describe("pointsOf", () => {
  it("adds up at each value, in order, and leaves out what is no number", () => {
    expect(pointsOf(listeners, all, "port", "rows")).toEqual([
      { x: 22, y: 3 },
      { x: 443, y: 1 },
      { x: 8080, y: 1 },
    ]);
    expect(pointsOf(listeners, all, "name", "rows")).toEqual([]);
  });
});

it("numericColumns takes columns of numbers, also as text", () => {
  const store = storeWith(
    ["a", "b", "c"],
    [
      [1, "2", "x"],
      [3, "4", "5"],
      [null, null, null],
    ],
  );
  expect(numericColumns(store, ["a", "b", "c"])).toEqual(["a", "b"]);
});
