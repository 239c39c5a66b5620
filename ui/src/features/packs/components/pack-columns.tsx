import type { GridColumn } from "@/components/data-grid/types";
import { StatusBadge } from "@/components/status-badge";
import { num } from "@/lib/format";
import { textOf, type Value } from "@/lib/grid/column-store";
import { platformName } from "@/lib/platforms";
import type { ScheduledPack } from "../api/packs";

const sources = { product: "Tenantra", tenant: "This tenant", inherited: "Inherited" };

export const packFields: Record<string, (each: ScheduledPack) => Value> = {
  title: ({ pack }) => pack.title || pack.name,
  name: ({ pack }) => pack.name,
  state: ({ schedule }) => (schedule?.enabled ? "on" : "off"),
  source: ({ pack }) => sources[pack.source],
  from: ({ pack, schedule }) => schedule?.inherited_from ?? pack.inherited_from ?? "",
  platforms: ({ pack }) => (pack.platforms ?? []).map(platformName).join(", "),
  queries: ({ pack }) => pack.queries,
  version: ({ pack }) => pack.version,
};

export function packColumns(packs: ScheduledPack[]): GridColumn[] {
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
    { id: "platforms", header: "Platforms", width: 190, text: text("platforms") },
    { id: "source", header: "Source", width: 110, text: text("source") },
    { id: "from", header: "Set by", width: 140, text: text("from") },
    { id: "version", header: "Version", width: 90, mono: true, text: text("version") },
  ];
}
