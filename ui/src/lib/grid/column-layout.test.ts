import { describe, expect, it } from "vitest";
import {
  formatLayout,
  moveColumn,
  parseLayout,
  pinColumn,
  toggleColumn,
  type ColumnLayout,
} from "./column-layout";

const columns = [{ id: "name" }, { id: "port" }, { id: "max(a,b)" }, { id: "a||b" }];

describe("a layout in an address", () => {
  it.each<[layout: ColumnLayout, text: string | undefined]>([
    [{ ids: ["port", "name"], pinned: 0 }, "port,name"],
    [{ ids: ["port", "name"], pinned: 1 }, "port|name"],
    [{ ids: ["port", "name"], pinned: 2 }, "port,name|"],
    [{ ids: ["max(a,b)", "a||b"], pinned: 1 }, "max(a%2Cb)|a%7C%7Cb"],
  ])("%j comes back as it was", (layout, text) => {
    expect(formatLayout(layout, columns)).toBe(text);
    expect(parseLayout(text, columns)).toEqual(layout);
  });

  it("says nothing of columns as they are given", () => {
    expect(formatLayout({ ids: columns.map(({ id }) => id), pinned: 0 }, columns)).toBeUndefined();
    expect(formatLayout(undefined, columns)).toBeUndefined();
    expect(parseLayout(undefined, columns)).toBeUndefined();
  });

  it("drops what names no column, and a column's second mention", () => {
    expect(parseLayout("gone,name|port,port,50%", columns)).toEqual({ ids: ["name", "port"], pinned: 1 });
    expect(parseLayout("gone|other", columns)).toBeUndefined();
    expect(parseLayout("|port", columns)).toEqual({ ids: ["port"], pinned: 0 });
  });
});

describe("changes of a layout", () => {
  const layout: ColumnLayout = { ids: ["a", "b", "c"], pinned: 1 };

  it("pins behind what is pinned, and lets go before what is not", () => {
    const both = pinColumn(layout, "c", true);
    expect(both).toEqual({ ids: ["a", "c", "b"], pinned: 2 });
    expect(pinColumn(both, "a", false)).toEqual({ ids: ["c", "a", "b"], pinned: 1 });
    expect(pinColumn(layout, "a", true)).toEqual(layout);
  });

  it("hides with its pin, shows at the end, and keeps the last one", () => {
    expect(toggleColumn(layout, "a", false)).toEqual({ ids: ["b", "c"], pinned: 0 });
    expect(toggleColumn(layout, "d", true)).toEqual({ ids: ["a", "b", "c", "d"], pinned: 1 });
    expect(toggleColumn({ ids: ["a"], pinned: 0 }, "a", false)).toEqual({ ids: ["a"], pinned: 0 });
  });

  it("moves among its like only", () => {
    expect(moveColumn(layout, "b", 1)).toEqual({ ids: ["a", "c", "b"], pinned: 1 });
    expect(moveColumn(layout, "b", -1)).toBeUndefined();
    expect(moveColumn(layout, "a", 1)).toBeUndefined();
    expect(moveColumn(layout, "gone", 1)).toBeUndefined();
  });
});
