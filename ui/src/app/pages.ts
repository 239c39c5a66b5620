import type { LinkProps } from "@tanstack/react-router";
import {
  Bell,
  BellRing,
  Boxes,
  BriefcaseBusiness,
  Building2,
  GitCompareArrows,
  Group,
  CircleAlert,
  Gauge,
  ClipboardCheck,
  Laptop,
  LayoutDashboard,
  Package,
  Radar,
  ScrollText,
  Send,
  Settings,
  SquareTerminal,
  Table2,
  Users,
  type LucideIcon,
} from "lucide-react";

export interface Page {
  to: Extract<LinkProps["to"], `/t/$tenant/${string}` | "/msp/clients">;
  label: string;
  icon: LucideIcon;
  /** Second key after G. */
  key: string;
  permission: string;
  group?: string;
  /** The feature of the plan that the page needs; without it the page says which plan has it. */
  feature?: string;
  /** Stands in the bar at the foot on a phone. */
  phone?: boolean;
}

/** The pages of the navigation, the palette and the `G` keys, in their order. */
export const pages: Page[] = [
  {
    to: "/t/$tenant/dashboard",
    label: "Dashboard",
    icon: LayoutDashboard,
    key: "d",
    permission: "findings.read",
    phone: true,
  },
  {
    to: "/msp/clients",
    label: "Customers",
    icon: BriefcaseBusiness,
    key: "o",
    permission: "msp.read",
  },
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
    to: "/t/$tenant/groups",
    label: "Groups",
    icon: Group,
    key: "j",
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
    to: "/t/$tenant/drift",
    label: "Drift",
    icon: GitCompareArrows,
    key: "r",
    permission: "findings.read",
    group: "Endpoints",
  },
  {
    to: "/t/$tenant/scans",
    label: "Scans",
    icon: Radar,
    key: "x",
    permission: "agents.read",
    group: "Endpoints",
  },
  {
    to: "/t/$tenant/compliance",
    label: "Compliance",
    icon: ClipboardCheck,
    key: "c",
    permission: "compliance.read",
    group: "Risk",
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
    to: "/t/$tenant/alerts",
    label: "Alerts",
    icon: Bell,
    key: "e",
    permission: "findings.read",
    group: "Risk",
    feature: "alerts",
  },
  {
    to: "/t/$tenant/rules",
    label: "Rules",
    icon: BellRing,
    key: "y",
    permission: "packs.read",
    group: "Risk",
    feature: "alerts",
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
    to: "/t/$tenant/notifications",
    label: "Notifications",
    icon: Send,
    key: "n",
    permission: "findings.read",
    group: "Operate",
    feature: "alerts",
  },
  {
    to: "/t/$tenant/modules",
    label: "Modules",
    icon: Table2,
    key: "m",
    permission: "settings.read",
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
    to: "/t/$tenant/usage",
    label: "Usage",
    icon: Gauge,
    key: "w",
    permission: "usage.read",
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
