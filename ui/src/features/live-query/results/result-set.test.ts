import { describe, expect, it } from "vitest";
import type { StreamEvent } from "./events";
import { agentColumn, ResultSet, seenColumn } from "./result-set";

const rows = (agent: string, columns: string[], cells: unknown[][]): StreamEvent => ({
  type: "rows",
  agent_id: agent,
  hostname: `${agent}.example`,
  columns,
  rows: cells,
});

describe("ResultSet", () => {
  it("counts on how many agents the same row is, not how often it came", () => {
    const results = new ResultSet();
    results.ingest(
      rows(
        "a",
        ["name", "port"],
        [
          ["nginx", 80],
          ["nginx", 80],
          ["odd", 1],
        ],
      ),
    );
    results.ingest(rows("b", ["name", "port"], [["nginx", 80]]));
    const { order, seen } = results.view([], { column: seenColumn, descending: false });
    expect([...seen]).toEqual([2, 2, 1, 2]);
    expect([...order]).toEqual([2, 0, 1, 3]);
  });

  it("takes rows of agents whose columns differ", () => {
    const results = new ResultSet();
    results.ingest(rows("a", ["name"], [["x"]]));
    results.ingest(rows("b", ["name", "extra"], [["x", 1]]));
    expect(results.store.value("extra", 0)).toBeNull();
    expect(results.store.value("extra", 1)).toBe(1);
    expect(results.store.value(agentColumn, 1)).toBe("b.example");
    expect([...results.seen()]).toEqual([1, 1]);
  });

  it("keeps the last word on each agent and the ledger", () => {
    const counts = {
      targets: 1,
      with_rows: 1,
      no_rows: 0,
      failed: 0,
      timed_out: 0,
      running: 0,
      waiting: 0,
      offline: 0,
      refused: 0,
    };
    const line = { agent_id: "a", hostname: "a.example", rows: 0, duration_ms: 0 };
    const results = new ResultSet();
    results.ingest({ type: "agent", ...line, outcome: "running" });
    results.ingest({ type: "agent", ...line, outcome: "with_rows", rows: 3, duration_ms: 120 });
    results.ingest({ type: "done", counts });
    expect([...results.answers.values()]).toMatchObject([{ outcome: "with_rows", rows: 3 }]);
    expect(results.counts).toEqual(counts);
    expect(results.done).toBe(true);
  });

  it("survives null columns and rows", () => {
    const results = new ResultSet();
    results.ingest({ type: "rows", agent_id: "a", hostname: "a", columns: null, rows: null });
    expect(results.store.length).toBe(0);
  });
});
