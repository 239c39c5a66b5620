import { AgentCell } from "@/components/data-grid/agent-cell";
import { Rarity } from "@/components/rarity";
import { CellText } from "@/components/cell-text";
import type { GridColumn } from "@/components/data-grid/types";
import { cutPath } from "@/lib/format";
import type { ColumnStore } from "@/lib/grid/column-store";
import { dataColumn } from "@/lib/grid/store-columns";
import { agentColumn, agentIdColumn, seenColumn } from "../results/result-set";

/** Characters of a path that a column of the usual width holds. */
const pathCharacters = 44;
/** Paths say least in their middle. */
const cutMiddle = (text: string) => (text.includes("/") ? cutPath(text, pathCharacters) : text);

/**
 * Columns of a run: the agent, on how many agents the same row is, and what was selected. The count stands before the data, since
 * rows are sorted by it at first and wide results would push it out of view.
 */
export function resultColumns(
  store: ColumnStore,
  names: string[],
  seen: Uint32Array,
  agents: number,
): GridColumn[] {
  const data = names
    .filter((name) => name !== agentColumn && name !== agentIdColumn)
    .flatMap((name) => {
      const column = store.columns.get(name);
      if (!column) return [];
      const shown = dataColumn(name, column);
      if (!shown.mono) return [shown];
      return [{ ...shown, cell: (row: number) => <CellText text={shown.text(row)} show={cutMiddle} /> }];
    });
  return [
    {
      id: agentColumn,
      header: "Agent",
      width: 170,
      text: (row) => String(store.value(agentColumn, row) ?? ""),
      cell: (row) => (
        <AgentCell
          id={String(store.value(agentIdColumn, row))}
          hostname={String(store.value(agentColumn, row))}
        />
      ),
    },
    {
      id: seenColumn,
      header: "Seen on",
      hint: "On how many of the agents asked the same row is. Rare rows are the odd ones.",
      width: 118,
      text: (row) => String(seen[row] ?? 0),
      cell: (row) => <Rarity count={seen[row] ?? 0} agents={agents} />,
    },
    ...data,
  ];
}
