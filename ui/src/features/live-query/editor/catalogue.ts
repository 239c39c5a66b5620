import { syntaxTree } from "@codemirror/language";
import type { EditorState, Extension } from "@codemirror/state";
import { Decoration, hoverTooltip, MatchDecorator, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import { hoverNote } from "@/components/code-editor/hover-note";
import type { Table } from "@/lib/api/types";
import { platformName } from "@/lib/platforms";

const tableMark = Decoration.mark({ class: "cm-table-name" });

/** Whether a place of the text is a name, not part of a string or comment. */
function isCode(state: EditorState, position: number): boolean {
  return !/String|Comment/.test(syntaxTree(state).resolveInner(position, 1).name);
}

/** Colours the names of tables that exist, and explains tables and columns on hover. */
export function catalogue(tables: Table[]): Extension {
  const byName = new Map(
    tables.flatMap((table) => [table.name, ...(table.aliases ?? [])].map((name) => [name, table])),
  );
  return [tableNames(byName), documentation(byName)];
}

function tableNames(byName: Map<string, Table>): Extension {
  const decorator = new MatchDecorator({
    regexp: /[a-z_][a-z0-9_]*/gi,
    decoration: ([name], view, position) =>
      byName.has(name.toLowerCase()) && isCode(view.state, position) ? tableMark : null,
  });
  return ViewPlugin.define(
    (view) => ({
      decorations: decorator.createDeco(view),
      update(change: ViewUpdate) {
        this.decorations = decorator.updateDeco(change, this.decorations);
      },
    }),
    { decorations: (plugin) => plugin.decorations },
  );
}

function documentation(byName: Map<string, Table>): Extension {
  return hoverTooltip((view, position) => {
    const word = view.state.wordAt(position);
    if (!word || !isCode(view.state, word.from)) return null;
    const name = view.state.sliceDoc(word.from, word.to).toLowerCase();
    const table = byName.get(name);
    if (table) {
      const platforms = (table.platforms ?? []).map(platformName).join(", ");
      return hoverNote(word, name, `${table.doc} ${platforms}. ${costWord(table.cost)}`);
    }
    const used = tablesIn(view.state, byName);
    for (const each of used) {
      const column = each.columns?.find((candidate) => candidate.name === name);
      if (column) return hoverNote(word, `${each.name}.${name}`, `${column.type}. ${column.doc}`);
    }
    return null;
  });
}

/** What asking a table costs an agent, in words. */
export function costWord(cost: string): string {
  if (cost === "cheap") return "Cheap to ask.";
  return cost === "expensive" ? "Expensive to ask: it reads much on each agent." : "Some work for an agent.";
}

function tablesIn(state: EditorState, byName: Map<string, Table>): Table[] {
  const words =
    state.doc
      .toString()
      .toLowerCase()
      .match(/[a-z_][a-z0-9_]*/g) ?? [];
  return [...new Set(words)].flatMap((word) => byName.get(word) ?? []);
}
