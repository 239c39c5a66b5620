interface Node {
  id: string;
  parent_id?: string | null;
  name: string;
}

/** Tenants in the order of their tree, each below its parent, siblings by name; `depth` counts from what one may see. */
export function inTreeOrder<Tenant extends Node>(
  tenants: Tenant[],
): { tenant: Tenant; depth: number; path: string[] }[] {
  const known = new Set(tenants.map(({ id }) => id));
  const children = new Map<string, Tenant[]>();
  for (const tenant of tenants) {
    const parent = tenant.parent_id && known.has(tenant.parent_id) ? tenant.parent_id : "";
    children.set(parent, [...(children.get(parent) ?? []), tenant]);
  }
  const ordered: { tenant: Tenant; depth: number; path: string[] }[] = [];
  const visit = (parent: string, path: string[]) => {
    const siblings = children.get(parent) ?? [];
    for (const tenant of siblings.sort((a, b) => a.name.localeCompare(b.name))) {
      ordered.push({ tenant, depth: path.length, path });
      visit(tenant.id, [...path, tenant.name]);
    }
  };
  visit("", []);
  return ordered;
}
