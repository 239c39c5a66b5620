import type { Role } from "@/lib/api/types";

/** The roles that a person may be given, the strongest first, with what each is for. */
export const roles: { value: Role; label: string; purpose: string }[] = [
  { value: "MSP_ADMIN", label: "MSP admin", purpose: "Runs customers: everything here and below" },
  { value: "ADMIN", label: "Admin", purpose: "Everything in one tenant and below" },
  { value: "MANAGER", label: "Manager", purpose: "Packs, findings and agents, no people" },
  { value: "USER", label: "User", purpose: "Asks agents and works findings" },
  { value: "READONLY", label: "Read only", purpose: "Sees, changes nothing" },
  { value: "BILLING_VIEWER", label: "Billing viewer", purpose: "Sees usage only" },
];

/** MSP_ADMIN → MSP admin; a role that is not given to people here is spelled out. */
export function roleWord(role: string): string {
  const known = roles.find(({ value }) => value === role);
  if (known) return known.label;
  const words = role.toLowerCase().replaceAll("_", " ");
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
