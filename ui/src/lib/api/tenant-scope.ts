/** The address of the whole installation, `/t/-/…`. */
export const wholeInstallation = "-";

/** Query parameters that carry the tenant of the address to the server: always with what lies below it. */
export function tenantScope(tenant: string): { tenant?: string; recursive: boolean } {
  return tenant === wholeInstallation ? { recursive: true } : { tenant, recursive: true };
}

/** The tenant of the address alone: for what is not read of a whole subtree. */
export function tenantOnly(tenant: string): { tenant?: string } {
  return tenant === wholeInstallation ? {} : { tenant };
}
