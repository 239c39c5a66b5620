import { describe, expect, it } from "vitest";
import { moveCursor } from "./cursor";

const size = { rows: 100, columns: 5, page: 20 };
const key = (name: string, ctrlKey = false) => ({ key: name, ctrlKey, metaKey: false });

describe("moveCursor", () => {
  it.each([
    ["ArrowDown", false, { row: 50, column: 2 }, { row: 51, column: 2 }],
    ["ArrowDown", false, { row: 99, column: 2 }, { row: 99, column: 2 }],
    ["ArrowUp", false, { row: 0, column: 2 }, { row: -1, column: 2 }],
    ["ArrowUp", false, { row: -1, column: 2 }, { row: -1, column: 2 }],
    ["ArrowLeft", false, { row: 3, column: 0 }, { row: 3, column: 0 }],
    ["ArrowRight", false, { row: 3, column: 4 }, { row: 3, column: 4 }],
    ["PageDown", false, { row: 90, column: 1 }, { row: 99, column: 1 }],
    ["PageUp", false, { row: 5, column: 1 }, { row: 0, column: 1 }],
    ["Home", false, { row: 7, column: 3 }, { row: 7, column: 0 }],
    ["End", true, { row: 7, column: 3 }, { row: 99, column: 4 }],
    ["Home", true, { row: 7, column: 3 }, { row: 0, column: 0 }],
  ])("%s (Ctrl %s) from %j goes to %j", (name, ctrl, from, to) => {
    expect(moveCursor(from, key(name, ctrl), size)).toEqual(to);
  });

  it("leaves other keys alone", () => {
    expect(moveCursor({ row: 0, column: 0 }, key("a"), size)).toBeNull();
  });
});
