import { describe, expect, it } from "vitest";
import { isExpression, placeAt } from "./rule-place";

const lines = `rule: telnet
on: collection
sql: |
  SELECT port
  FROM ports
when: len(rows) > 0
message: "{{ rows[0].port }} is open on {{ agent"
group_by:
  - agent.id
no`.split("\n");

describe("placeAt", () => {
  it.each([
    { line: 0, column: 2, field: "", key: true, expression: false },
    { line: 1, column: 6, field: "on", key: false, expression: false },
    { line: 3, column: 9, field: "sql", key: false, expression: false },
    { line: 4, column: 2, field: "sql", key: false, expression: false },
    { line: 5, column: 9, field: "when", key: false, expression: true },
    { line: 6, column: 15, field: "message", key: false, expression: true },
    { line: 6, column: 30, field: "message", key: false, expression: false },
    { line: 6, column: 48, field: "message", key: false, expression: true },
    { line: 8, column: 5, field: "group_by", key: false, expression: false },
    { line: 9, column: 2, field: "", key: true, expression: false },
  ])("line $line column $column is in $field", ({ line, column, field, key, expression }) => {
    const place = placeAt(lines, line, column);
    expect({ field: place.field, key: place.key, expression: isExpression(place) }).toEqual({
      field,
      key,
      expression,
    });
  });
});
