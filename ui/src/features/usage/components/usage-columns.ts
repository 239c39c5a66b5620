import type { GridColumn } from "@/components/data-grid/types";
import type { UsagePeriod } from "@/lib/api/types";
import { bytes, num } from "@/lib/format";
import { textOf, type Value } from "@/lib/grid/column-store";

export const usageFields: Record<string, (period: UsagePeriod) => Value> = {
  period: ({ period }) => period,
  tenant: ({ tenant }) => tenant,
  agents: ({ agents }) => agents,
  seen: ({ agents_seen }) => agents_seen,
  live_queries: ({ live_queries }) => live_queries,
  scans: ({ scans }) => scans,
  exports: ({ exports }) => exports,
  rows: ({ rows }) => rows,
  bytes: ({ bytes }) => bytes,
  stored_rows: ({ stored_rows }) => stored_rows,
  stored_bytes: ({ stored_bytes }) => stored_bytes,
};

/** Numbers with their meaning on hover: an invoice is checked by them. */
export function usageColumns(periods: UsagePeriod[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(usageFields[field](periods[row]));
  const count = (field: string, header: string, hint: string, print = num): GridColumn => ({
    id: field,
    header,
    hint,
    width: 104,
    align: "end",
    kind: "number",
    text: text(field),
    cell: (row) => print(Number(usageFields[field](periods[row]))),
  });
  return [
    { id: "period", header: "Period", hint: "UTC", width: 112, text: text("period") },
    { id: "tenant", header: "Tenant", width: 170, text: text("tenant") },
    count("agents", "Agents", "Enrolled at once, at most"),
    count("seen", "Heard of", "Agents that sent something; of a month, on the day with the most"),
    count("live_queries", "Live queries", "Asked by people and programs"),
    count("scans", "Scans", "That somebody triggered"),
    count("exports", "Exports", "Files that were taken out"),
    count("rows", "Rows", "That came and went, stored"),
    count("bytes", "Results", "As agents sent them", bytes),
    count("stored_rows", "Rows kept", "That agents have at the end of the period"),
    count("stored_bytes", "Storage", "Size of the results that those are of", bytes),
  ];
}
