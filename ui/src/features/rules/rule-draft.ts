/** Texts of rules being written, for each tenant and rule. They live in memory: leaving the page by mistake loses nothing. */
const drafts = new Map<string, string>();

const keyOf = (tenant: string, rule: string | null) => `${tenant} ${rule ?? ""}`;

export function readRuleDraft(tenant: string, rule: string | null): string | undefined {
  return drafts.get(keyOf(tenant, rule));
}

/** Keeps a text, or forgets it: `null`. */
export function keepRuleDraft(tenant: string, rule: string | null, text: string | null): void {
  if (text === null) drafts.delete(keyOf(tenant, rule));
  else drafts.set(keyOf(tenant, rule), text);
}
