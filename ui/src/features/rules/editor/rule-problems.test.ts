import { expect, it } from "vitest";
import { problemsOf } from "./rule-problems";

it("reads each mistake with its place", () => {
  expect(
    problemsOf('telnet.yaml:6:11: unknown name rowz\ntelnet.yaml:9:1: fixture "a": the rule fires: x\ny'),
  ).toEqual([
    { line: 6, column: 11, message: "unknown name rowz" },
    { line: 9, column: 1, message: 'fixture "a": the rule fires: x\ny' },
  ]);
});

it("keeps what has no place", () => {
  expect(problemsOf("the rule looks at columns of class secret")).toEqual([
    { line: 1, column: 1, message: "the rule looks at columns of class secret" },
  ]);
  expect(problemsOf("")).toEqual([]);
});
