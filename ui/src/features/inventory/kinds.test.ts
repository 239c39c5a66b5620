import { describe, expect, it } from "vitest";
import { agentsSql, countSql } from "./kinds";

const source = {
  name: "x",
  table: "things",
  select: { name: "name", state: "lower(state)" },
  where: "id > 0",
};

describe("inventory statements", () => {
  it("counts the agents of each different row", () => {
    expect(countSql(source)).toBe(
      'SELECT name AS "name", lower(state) AS "state", count(DISTINCT agent) AS agents FROM things WHERE id > 0 GROUP BY 1, 2',
    );
  });

  it("finds the agents of one row, whatever its texts hold", () => {
    expect(agentsSql(source, { name: "it's; DROP", state: null })).toBe(
      "SELECT DISTINCT agent, hostname, tenant, seen_from FROM things WHERE id > 0 AND (name) IS 'it''s; DROP' AND (lower(state)) IS NULL ORDER BY hostname",
    );
  });
});
