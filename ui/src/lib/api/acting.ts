/**
 * Leave to act in a customer's tenant: a token that cannot be renewed, used in place of one's own until it ends. Like every
 * token it lives in memory only, so acting ends with the page.
 */
export interface Acting {
  token: string;
  grant: string;
  /** Id of the customer's tenant. */
  tenantId: string;
  tenantName: string;
  /** Whom one acts for: a person, or a role in words. */
  as: string;
  /** When the grant ends by itself, in milliseconds. */
  expiresAt: number;
}

let now: Acting | null = null;
const listeners = new Set<() => void>();

export function acting(): Acting | null {
  return now;
}

export function startActing(leave: Acting): void {
  now = leave;
  tell();
}

/** Goes back to oneself. Ending the grant at the server is a call of its own. */
export function stopActing(): void {
  if (!now) return;
  now = null;
  tell();
}

export function subscribeActing(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}
