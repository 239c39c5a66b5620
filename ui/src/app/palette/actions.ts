import {
  BriefcaseBusiness,
  Building2,
  Group,
  KeyRound,
  LibraryBig,
  Megaphone,
  Play,
  UserPlus,
  type LucideIcon,
} from "lucide-react";
import type { Page } from "../pages";

/** What one comes to a page for: it opens there, by the name that the page's dialog has in the address. */
export interface PageAction {
  label: string;
  icon: LucideIcon;
  to: Page["to"] | "/t/$tenant/compliance/frameworks" | "/t/$tenant/notifications/channels";
  hash?: string;
  permission: string;
}

export const pageActions: PageAction[] = [
  { label: "Start a scan", icon: Play, to: "/t/$tenant/scans", hash: "start", permission: "query.run" },
  {
    label: "Create a group of agents",
    icon: Group,
    to: "/t/$tenant/groups",
    hash: "create",
    permission: "agents.manage",
  },
  {
    label: "Import a framework",
    icon: LibraryBig,
    to: "/t/$tenant/compliance/frameworks",
    hash: "import",
    permission: "compliance.manage",
  },
  {
    label: "Add a channel for alerts",
    icon: Megaphone,
    to: "/t/$tenant/notifications/channels",
    hash: "add",
    permission: "settings.manage",
  },
  {
    label: "Invite a person",
    icon: UserPlus,
    to: "/t/$tenant/people",
    hash: "invite",
    permission: "users.manage",
  },
  {
    label: "Create a tenant",
    icon: Building2,
    to: "/t/$tenant/tenants",
    hash: "create",
    permission: "tenants.manage",
  },
  {
    label: "Create an API token",
    icon: KeyRound,
    to: "/t/$tenant/settings",
    hash: "token",
    permission: "self.manage",
  },
  {
    label: "Act in a customer's place",
    icon: BriefcaseBusiness,
    to: "/msp/clients",
    permission: "tenants.impersonate",
  },
];
