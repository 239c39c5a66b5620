import { ChartColumn, ChartLine, Table2 } from "lucide-react";
import { useMemo } from "react";
import { EmptyState } from "@/components/states";
import type { ColumnStore } from "@/lib/grid/column-store";
import { num } from "@/lib/format";
import { cn } from "@/lib/cn";
import { agentColumn, agentIdColumn } from "../results/result-set";
import { Bars } from "./bars";
import { barsOf, numericColumns, pointsOf } from "./chart-data";
import { Curve } from "./curve";

const kinds = [
  { kind: "bar", label: "Bars", icon: ChartColumn },
  { kind: "line", label: "Line", icon: ChartLine },
  { kind: "table", label: "Table", icon: Table2 },
] as const;
type Kind = (typeof kinds)[number]["kind"];

/** A chart in an address: `bar:name:rows`. Column names may hold colons, so they are encoded. */
export function parseChart(text: string | undefined): { kind: Kind; by?: string; measure?: string } {
  const [kind, by, measure] = (text ?? "").split(":").map((part) => decodeURIComponent(part));
  return { kind: kinds.find((each) => each.kind === kind)?.kind ?? "bar", by, measure };
}

export function formatChart(chart: { kind: Kind; by: string; measure: string }): string {
  return [chart.kind, chart.by, chart.measure].map(encodeURIComponent).join(":");
}

/** The shown rows as a quick chart: how they fall on a column's values. It follows filters, and its picture is in the address. */
export function ChartTab({
  store,
  order,
  columns,
  chart: text,
  onChart,
}: {
  store: ColumnStore;
  /** The rows that pass the filters. */
  order: ArrayLike<number>;
  columns: string[];
  chart: string | undefined;
  onChart: (chart: string) => void;
}) {
  const names = columns.filter((name) => name !== agentIdColumn);
  const numeric = useMemo(() => numericColumns(store, columns), [store, columns]);
  const chosen = parseChart(text);
  const { kind } = chosen;
  const possible = kind === "line" ? numeric : names;
  const first = possible.find((name) => name !== agentColumn) ?? possible.at(0);
  const by = chosen.by !== undefined && possible.includes(chosen.by) ? chosen.by : first;
  const measure = chosen.measure !== undefined && numeric.includes(chosen.measure) ? chosen.measure : "rows";
  const bars = useMemo(
    () => (kind !== "line" && by !== undefined ? barsOf(store, order, by, measure) : []),
    [kind, store, order, by, measure],
  );
  const points = useMemo(
    () => (kind === "line" && by !== undefined ? pointsOf(store, order, by, measure) : []),
    [kind, store, order, by, measure],
  );
  const change = (next: { kind?: Kind; by?: string; measure?: string }) => {
    onChart(formatChart({ kind, by: by ?? "", measure, ...next }));
  };
  const wording = measure === "rows" ? "Rows" : `Sum of ${labelOf(measure)}`;

  return (
    <section aria-label="Chart" className="flex min-h-0 flex-1 flex-col overflow-y-auto">
      <div className="flex flex-none flex-wrap items-center gap-x-3 gap-y-1.5 border-b border-border bg-bg px-3 py-1.5">
        <div role="group" aria-label="Kind of chart" className="flex gap-0.5">
          {kinds.map((each) => (
            <button
              key={each.kind}
              type="button"
              aria-pressed={each.kind === kind}
              onClick={() => {
                change({ kind: each.kind, by: undefined });
              }}
              className={cn(
                "inline-flex h-7 items-center gap-1.5 rounded-sm px-2 font-medium text-fg-muted hover:bg-hover",
                each.kind === kind && "bg-primary-soft text-primary-text hover:bg-primary-soft",
              )}
            >
              <each.icon size={15} strokeWidth={1.75} aria-hidden />
              {each.label}
            </button>
          ))}
        </div>
        <Choice
          label="Show"
          value={measure}
          options={["rows", ...numeric]}
          onValue={(next) => {
            change({ measure: next });
          }}
        />
        {by !== undefined && (
          <Choice
            label="by"
            value={by}
            options={possible}
            onValue={(next) => {
              change({ by: next });
            }}
          />
        )}
      </div>
      {by === undefined || order.length === 0 ? (
        <EmptyState icon={ChartColumn} title={order.length === 0 ? "No row to draw" : "No column of numbers"}>
          {order.length === 0
            ? "The chart shows the rows that pass the filters."
            : "A line needs numbers along its foot: choose bars, or select a number."}
        </EmptyState>
      ) : kind === "line" ? (
        <Curve points={points} x={labelOf(by)} y={wording} />
      ) : kind === "bar" ? (
        <Bars bars={bars} title={`${wording} by ${labelOf(by)}`} />
      ) : (
        <table className="m-4 max-w-160 text-left">
          <caption className="sr-only">
            {wording} by {labelOf(by)}
          </caption>
          <thead className="text-xs text-fg-muted">
            <tr className="border-b border-border">
              <th className="py-1.5 pr-6 font-medium">{labelOf(by)}</th>
              <th className="py-1.5 text-right font-medium">{wording}</th>
            </tr>
          </thead>
          <tbody>
            {bars.map((bar) => (
              <tr key={bar.label} className="border-b border-border">
                <td className="max-w-100 truncate py-1 pr-6 font-mono text-xs">
                  {bar.others ? `${num(bar.others)} others` : bar.label}
                </td>
                <td className="py-1 text-right tnum">{num(bar.value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function labelOf(name: string): string {
  return name === agentColumn ? "agent" : name;
}

function Choice({
  label,
  value,
  options,
  onValue,
}: {
  label: string;
  value: string;
  options: string[];
  onValue: (value: string) => void;
}) {
  return (
    <label className="flex items-center gap-1.5 text-fg-muted">
      {label}
      <select
        value={value}
        onChange={(event) => {
          onValue(event.target.value);
        }}
        className="h-7 max-w-44 rounded-sm border border-border-control bg-surface px-1.5 text-fg dark:bg-sunken"
      >
        {options.map((option) => (
          <option key={option} value={option}>
            {labelOf(option)}
          </option>
        ))}
      </select>
    </label>
  );
}
