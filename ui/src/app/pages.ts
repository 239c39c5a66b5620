import type { LinkProps } from "@tanstack/react-router";
import {
  Boxes,
  Building2,
  CircleAlert,
  Laptop,
  Package,
  ScrollText,
  Settings,
  SquareTerminal,
  Users,
  type LucideIcon,
} from "lucide-react";

export interface Page {
  to: Extract<LinkProps["to"], `/t/$tenant/${string}`>;
  label: string;
  icon: LucideIcon;
  /** Second key after G. */
  key: string;
  permission: string;
  group?: string;
  /** Stands in the bar at the foot on a phone. */
  phone?: boolean;
}

/** The pages of the navigation, the palette and the `G` keys, in their order. */
export const pages: Page[] = [
  { to: "/t/$tenant/query", label: "Live query", icon: SquareTerminal, key: "q", permission: "query.run" },
  {
    to: "/t/$tenant/agents",
    label: "Agents",
    icon: Laptop,
    key: "a",
    phone: true,
    permission: "agents.read",
    group: "Endpoints",
  },
  {
    to: "/t/$tenant/inventory",
    label: "Inventory",
    icon: Boxes,
    key: "i",
    permission: "query.run",
    group: "Endpoints",
  },
  {
    to: "/t/$tenant/findings",
    label: "Findings",
    icon: CircleAlert,
    key: "f",
    phone: true,
    permission: "findings.read",
    group: "Risk",
  },
  {
    to: "/t/$tenant/packs",
    label: "Packs",
    icon: Package,
    key: "p",
    permission: "packs.read",
    group: "Operate",
  },
  {
    to: "/t/$tenant/tenants",
    label: "Tenants",
    icon: Building2,
    key: "t",
    permission: "tenants.read",
    group: "Administer",
  },
  {
    to: "/t/$tenant/people",
    label: "Users and roles",
    icon: Users,
    key: "u",
    permission: "users.read",
    group: "Administer",
  },
  {
    to: "/t/$tenant/audit",
    label: "Audit",
    icon: ScrollText,
    key: "l",
    permission: "audit.read",
    group: "Administer",
  },
  {
    to: "/t/$tenant/settings",
    label: "Settings",
    icon: Settings,
    key: "s",
    permission: "self.manage",
    group: "Administer",
  },
];
