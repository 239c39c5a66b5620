import type { GridColumn } from "@/components/data-grid/types";
import { StatusBadge } from "@/components/status-badge";
import { duration, num } from "@/lib/format";
import { textOf, type Value } from "@/lib/grid/column-store";
import { platformName } from "@/lib/platforms";
import type { ScheduledPack } from "../api/packs";
import type { PackCost } from "../pack-cost";

const sources = { product: "Tenantra", tenant: "This tenant", inherited: "Inherited" };

/** A scheduled pack with what it costs, once that is known. */
export interface CostedPack extends ScheduledPack {
  cost: PackCost | null;
}

export const packFields: Record<string, (each: CostedPack) => Value> = {
  title: ({ pack }) => pack.title || pack.name,
  name: ({ pack }) => pack.name,
  state: ({ schedule }) => (schedule?.enabled ? "on" : "off"),
  source: ({ pack }) => sources[pack.source],
  from: ({ pack, schedule }) => schedule?.inherited_from ?? pack.inherited_from ?? "",
  platforms: ({ pack }) => (pack.platforms ?? []).map(platformName).join(", "),
  queries: ({ pack }) => pack.queries,
  agents: ({ cost }) => cost?.agents ?? null,
  cpu: ({ cost }) => cost?.cpu ?? null,
  failing: ({ cost }) => cost?.failing ?? null,
  version: ({ pack }) => pack.version,
};

export function packColumns(packs: CostedPack[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(packFields[field](packs[row]));
  return [
    {
      id: "title",
      header: "Pack",
      width: 250,
      text: text("title"),
      cell: (row) => (
        <span className="truncate font-[550]" title={packs[row].pack.description || undefined}>
          {packs[row].pack.title || packs[row].pack.name}
        </span>
      ),
    },
    { id: "name", header: "Name", width: 160, mono: true, text: text("name") },
    {
      id: "state",
      header: "Runs",
      width: 84,
      text: text("state"),
      cell: (row) => <StatusBadge status={packs[row].schedule?.enabled ? "on" : "off"} />,
    },
    {
      id: "queries",
      header: "Queries",
      width: 84,
      align: "end",
      text: text("queries"),
      cell: (row) => num(packs[row].pack.queries),
    },
    { id: "agents", header: "Agents", width: 80, align: "end", text: text("agents") },
    {
      id: "cpu",
      header: "CPU a run",
      hint: "Of all its queries once, on the agent in the middle.",
      width: 100,
      align: "end",
      text: text("cpu"),
      cell: (row) => {
        const { cost } = packs[row];
        return cost ? duration(cost.cpu) : <span className="text-fg-subtle">unknown</span>;
      },
    },
    {
      id: "failing",
      header: "Failing",
      hint: "Queries that failed, or were ended by a limit, on an agent or more.",
      width: 80,
      align: "end",
      text: text("failing"),
      cell: (row) => {
        const failing = packs[row].cost?.failing;
        if (failing === undefined) return null;
        return failing > 0 ? <span className="font-medium text-bad-fg tnum">{num(failing)}</span> : "0";
      },
    },
    { id: "platforms", header: "Platforms", width: 190, text: text("platforms") },
    { id: "source", header: "Source", width: 110, text: text("source") },
    { id: "from", header: "Set by", width: 140, text: text("from") },
    { id: "version", header: "Version", width: 90, mono: true, text: text("version") },
  ];
}
