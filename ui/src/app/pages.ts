import { Laptop, SquareTerminal, CircleAlert, type LucideIcon } from "lucide-react";

export interface Page {
  to: "/t/$tenant/query" | "/t/$tenant/agents" | "/t/$tenant/findings";
  label: string;
  icon: LucideIcon;
  /** Second key after G. */
  key: string;
  permission: string;
  group?: string;
}

/** The pages of the navigation, the palette and the `G` keys, in their order. */
export const pages: Page[] = [
  { to: "/t/$tenant/query", label: "Live query", icon: SquareTerminal, key: "q", permission: "query.run" },
  {
    to: "/t/$tenant/agents",
    label: "Agents",
    icon: Laptop,
    key: "a",
    permission: "agents.read",
    group: "Endpoints",
  },
  {
    to: "/t/$tenant/findings",
    label: "Findings",
    icon: CircleAlert,
    key: "f",
    permission: "findings.read",
    group: "Risk",
  },
];
