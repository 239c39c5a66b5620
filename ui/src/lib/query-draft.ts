/**
 * The SQL being written, for each tenant. It lives in memory: statements may hold secrets, so they go neither into the address
 * nor into storage.
 */
const drafts = new Map<string, string>();

export function readDraft(tenant: string): string | undefined {
  return drafts.get(tenant);
}

export function keepDraft(tenant: string, sql: string): void {
  drafts.set(tenant, sql);
}
