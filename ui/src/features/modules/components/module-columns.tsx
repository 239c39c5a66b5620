import { Lock } from "lucide-react";
import { Badge, type Tone } from "@/components/badge";
import type { GridColumn } from "@/components/data-grid/types";
import type { Module } from "@/lib/api/types";
import { textOf, type Value } from "@/lib/grid/column-store";
import { platformName } from "@/lib/platforms";

export const moduleStates: Record<Module["state"], { word: string; tone: Tone; purpose: string }> = {
  collected: { word: "Collected", tone: "ok", purpose: "Agents tell its rows and answer questions about it" },
  live: { word: "Live only", tone: "wait", purpose: "Agents answer questions about it, nothing is kept" },
  off: { word: "Off", tone: "off", purpose: "Agents refuse every statement that reads it" },
};

export const moduleFields: Record<string, (module: Module) => Value> = {
  name: ({ name }) => name,
  doc: ({ doc }) => doc,
  category: ({ category }) => category,
  state: ({ state }) => moduleStates[state].word,
  from: ({ from, own }) => (own ? "This tenant" : from),
  class: ({ class: privacy }) => privacy,
  cost: ({ cost }) => cost,
  interval: ({ interval_seconds }) => interval_seconds,
  platforms: ({ platforms }) => (platforms ?? []).map(platformName).join(", "),
};

export function moduleColumns(modules: Module[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(moduleFields[field](modules[row]));
  return [
    {
      id: "name",
      header: "Module",
      width: 220,
      mono: true,
      text: text("name"),
      cell: (row) => (
        <span className="flex min-w-0 items-center gap-1.5">
          <span className="truncate">{modules[row].name}</span>
          {modules[row].locked && <Lock size={12} className="shrink-0 text-fg-subtle" aria-label="Locked" />}
        </span>
      ),
    },
    { id: "doc", header: "What it tells", width: 380, text: text("doc") },
    { id: "category", header: "Category", width: 170, text: text("category") },
    {
      id: "state",
      header: "State",
      width: 104,
      text: text("state"),
      cell: (row) => {
        const { word, tone } = moduleStates[modules[row].state];
        return <Badge tone={tone}>{word}</Badge>;
      },
    },
    { id: "from", header: "Said by", width: 130, text: text("from") },
    { id: "class", header: "Privacy", width: 96, text: text("class") },
    { id: "cost", header: "Cost", width: 96, text: text("cost") },
    {
      id: "interval",
      header: "Every",
      width: 84,
      align: "end",
      text: (row) => {
        const seconds = modules[row].interval_seconds;
        return seconds > 0 ? (seconds % 3600 === 0 ? `${seconds / 3600} h` : `${seconds / 60} min`) : null;
      },
    },
    { id: "platforms", header: "Platforms", width: 190, text: text("platforms") },
  ];
}
