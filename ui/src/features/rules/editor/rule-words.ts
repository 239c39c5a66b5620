import type { RuleCheck, RuleVocabulary } from "@/lib/api/types";
import { functionDocs, keyDocs, keyValues, valueDocs } from "./rule-docs";
import { isExpression, type Place } from "./rule-place";

/** A word that may stand at a place. */
export interface Word {
  label: string;
  kind: "key" | "value" | "column" | "function" | "table" | "name";
  doc?: string;
}

/** What an editor knows besides the text. */
export interface Known {
  vocabulary?: RuleVocabulary;
  /** The newest answer about the text: its tables and columns. */
  check?: RuleCheck;
  /** Names of channels. */
  channels: string[];
}

const agentParts = ["agent.id", "agent.hostname", "agent.platform", "agent.os_name"];

/** The words that may stand at a place. `dotted` is whether a dot is before the word: then a row's column is meant. */
export function wordsAt(place: Place, dotted: boolean, { vocabulary, check, channels }: Known): Word[] {
  const columns = (check?.columns ?? []).map((label): Word => ({ label, kind: "column" }));
  if (place.key) return Object.entries(keyDocs).map(([label, doc]) => ({ label, kind: "key", doc }));
  if (place.field in keyValues) return keyValues[place.field].map((label) => ({ label, kind: "value" }));
  if (isExpression(place)) {
    if (dotted) return columns;
    return [
      ...(vocabulary?.values ?? []).map((label): Word => ({ label, kind: "value", doc: valueDocs[label] })),
      ...(vocabulary?.functions ?? []).map((label): Word => ({
        label,
        kind: "function",
        doc: functionDocs[label],
      })),
    ];
  }
  switch (place.field) {
    case "sql":
      return Object.entries(check?.schemas ?? {}).flatMap(([table, names]): Word[] => [
        { label: table, kind: "table" },
        ...(names ?? []).map((label): Word => ({ label, kind: "column", doc: `Of ${table}.` })),
      ]);
    case "group_by":
      return [
        ...agentParts.map((label): Word => ({ label, kind: "value", doc: valueDocs[label] })),
        ...columns,
      ];
    case "notify":
      return channels.map((label) => ({ label, kind: "name" }));
    default:
      return [];
  }
}
