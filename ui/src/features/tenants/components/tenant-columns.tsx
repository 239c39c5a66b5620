import type { GridColumn } from "@/components/data-grid/types";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { Tenant } from "@/lib/api/types";
import { num } from "@/lib/format";
import { textOf, type Value } from "@/lib/grid/column-store";

/** A tenant with its place in the tree. */
export interface PlacedTenant {
  tenant: Tenant;
  depth: number;
  path: string[];
}

export const tenantFields: Record<string, (placed: PlacedTenant) => Value> = {
  name: ({ tenant }) => tenant.name,
  path: ({ path }) => path.join(" › "),
  plan: ({ tenant }) => tenant.plan,
  status: ({ tenant }) => tenant.status,
  agents: ({ tenant }) => tenant.agents,
  slug: ({ tenant }) => tenant.slug,
  created: ({ tenant }) => tenant.created_at,
};

export function tenantColumns(tenants: PlacedTenant[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(tenantFields[field](tenants[row]));
  return [
    {
      id: "name",
      header: "Tenant",
      width: 320,
      text: text("name"),
      cell: (row) => (
        <span className="truncate font-[550]" style={{ paddingInlineStart: tenants[row].depth * 16 }}>
          {tenants[row].tenant.name}
        </span>
      ),
    },
    { id: "slug", header: "Address", width: 160, mono: true, text: text("slug") },
    { id: "plan", header: "Plan", width: 110, text: text("plan") },
    {
      id: "status",
      header: "Status",
      width: 120,
      text: text("status"),
      cell: (row) => <StatusBadge status={tenants[row].tenant.status} />,
    },
    {
      id: "agents",
      header: "Agents",
      width: 90,
      align: "end",
      text: text("agents"),
      cell: (row) => num(tenants[row].tenant.agents),
    },
    { id: "path", header: "Below", width: 220, text: text("path") },
    {
      id: "created",
      header: "Since",
      width: 112,
      filterable: false,
      text: text("created"),
      cell: (row) => <Time at={tenants[row].tenant.created_at} />,
    },
  ];
}
