import type { GridColumn } from "@/components/data-grid/types";
import { SeverityBadge } from "@/components/severity-badge";
import { VerdictBar } from "@/components/verdict-bar";
import type { CheckSummary } from "@/lib/api/types";
import { num } from "@/lib/format";
import { textOf, type Value } from "@/lib/grid/column-store";
import { platformName } from "@/lib/platforms";
import { severities, severityOf } from "@/lib/severity";

/** Controls that a check serves, as `framework control`. */
export function controlsOf({ controls }: CheckSummary): string[] {
  return Object.entries(controls).flatMap(([framework, ids]) =>
    (ids ?? []).map((id) => `${framework} ${id}`),
  );
}

export const checkFields: Record<string, (check: CheckSummary) => Value> = {
  title: ({ title }) => title,
  check: ({ check }) => check,
  severity: ({ severity }) => severity,
  rank: ({ severity }) => severities.indexOf(severityOf(severity)),
  fail: ({ fail }) => fail,
  pass: ({ pass }) => pass,
  error: ({ error }) => error,
  waived: ({ waived }) => waived,
  not_applicable: ({ not_applicable }) => not_applicable,
  platforms: ({ platforms }) => (platforms ?? []).map(platformName).join(", "),
  controls: (check) => controlsOf(check).join(", "),
};

export function checkColumns(checks: CheckSummary[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(checkFields[field](checks[row]));
  const count = (id: string, header: string, of: (check: CheckSummary) => number): GridColumn => ({
    id,
    header,
    width: 84,
    align: "end",
    text: text(id),
    cell: (row) => num(of(checks[row])),
  });
  return [
    {
      id: "severity",
      header: "Severity",
      width: 120,
      text: text("severity"),
      cell: (row) => <SeverityBadge severity={checks[row].severity} />,
    },
    {
      id: "title",
      header: "Check",
      width: 330,
      text: text("title"),
      cell: (row) => (
        <span className="truncate font-[550]" title={checks[row].why || undefined}>
          {checks[row].title}
        </span>
      ),
    },
    {
      id: "verdicts",
      header: "Agents",
      width: 130,
      sortable: false,
      filterable: false,
      text: (row) => `${checks[row].fail} fail, ${checks[row].pass} pass`,
      cell: (row) => <VerdictBar counts={checks[row]} />,
    },
    count("fail", "Fail", ({ fail }) => fail),
    count("error", "Error", ({ error }) => error),
    count("waived", "Waived", ({ waived }) => waived),
    count("pass", "Pass", ({ pass }) => pass),
    count("not_applicable", "N/A", ({ not_applicable }) => not_applicable),
    { id: "platforms", header: "Platforms", width: 120, text: text("platforms") },
    { id: "controls", header: "Controls", width: 320, text: text("controls") },
    { id: "check", header: "Name", width: 220, mono: true, text: text("check") },
  ];
}
