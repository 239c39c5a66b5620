import { pages } from "../pages";

/** All keys but those that only a menu's or dialog's own words explain. A test holds that none that is bound is missing. */
export const keyGroups: { name: string; keys: { keys: string[]; does: string }[] }[] = [
  {
    name: "Everywhere",
    keys: [
      { keys: ["Ctrl", "K"], does: "Search or run anything" },
      { keys: ["T"], does: "Switch tenant" },
      { keys: ["["], does: "Fold the sidebar" },
      { keys: ["?"], does: "These keys" },
      { keys: ["Esc"], does: "Close what is on top" },
    ],
  },
  {
    name: "Tables",
    keys: [
      { keys: ["/"], does: "Filter" },
      { keys: ["J", "K"], does: "Next and previous row" },
      { keys: ["Enter"], does: "Open the row" },
      { keys: ["Space"], does: "Peek at the row" },
      { keys: ["X"], does: "Select the row" },
      { keys: ["Shift", "↓"], does: "Select further rows" },
      { keys: ["Ctrl", "A"], does: "Select all rows shown" },
      { keys: ["Ctrl", "C"], does: "Copy the cell, or the selected rows" },
      { keys: ["Alt", "↓"], does: "Menu of the column" },
      { keys: ["Home", "End"], does: "First and last column" },
      { keys: ["Alt", "Shift", "←", "→"], does: "Width of the column" },
      { keys: ["Ctrl", "Shift", "←", "→"], does: "Move the column" },
      { keys: ["."], does: "Take in new rows" },
    ],
  },
  {
    name: "Live query",
    keys: [
      { keys: ["Ctrl", "Enter"], does: "Run" },
      { keys: ["Esc"], does: "Leave the editor, then stop the run" },
      { keys: ["F6"], does: "Next pane" },
      { keys: ["F8"], does: "Next problem" },
      { keys: ["Ctrl", "Space"], does: "Complete" },
      { keys: ["1", "…", "4"], does: "Tab of the result" },
    ],
  },
  {
    name: "Pages",
    keys: [
      { keys: ["1", "2", "3"], does: "Dashboard: 7, 30 or 90 days" },
      { keys: ["Q"], does: "Agents: query one, or those selected" },
      { keys: ["S"], does: "Agents: scan those selected" },
      { keys: ["L"], does: "Agents: tag those selected" },
      { keys: ["A"], does: "Findings and alerts: acknowledge" },
      { keys: ["W"], does: "Check: waive" },
      { keys: ["I"], does: "Customer: act in it" },
      { keys: ["+"], does: "Tenants: create one" },
      { keys: ["Ctrl", "S"], does: "Rule: save" },
      { keys: ["Ctrl", "Enter"], does: "Rule: dry run" },
    ],
  },
  {
    name: "Go to",
    keys: pages.map(({ key, label }) => ({ keys: ["G", key.toUpperCase()], does: label })),
  },
];
