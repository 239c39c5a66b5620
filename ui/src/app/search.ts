import * as z from "zod/mini";

// Compiled schemas need eval, which the content security policy refuses; probing for it would already be reported.
z.config({ jitless: true });

/** An optional text of the address. A bad part is dropped, so that a mistyped link shows a page and not an error. */
const text = z.catch(z.optional(z.string()), undefined);

/** Only a path of this origin may be returned to: `//host` and `/\host` would leave it. */
const localPath = z.catch(
  z.optional(z.string().check(z.refine((path) => /^\/(?![/\\])/.test(path)))),
  undefined,
);

export const signInSearch = z.object({ return_to: localPath, ended: text, reset: text });
/** Of a list of records: filters, sort, columns and the row whose peek is open. */
const recordSearch = { f: text, sort: text, cols: text, sel: text };

export const listSearch = z.object(recordSearch);
/** Of one side of an agent: as lists have it, and the moment that is looked at. */
export const agentTabSearch = z.object({ ...recordSearch, at: text });
export const collectionSearch = z.object({ sort: text, f: text, cols: text });
export const querySearch = z.object({
  run: text,
  tab: z.catch(z.optional(z.enum(["rows", "agents", "chart", "sql"])), undefined),
  mode: z.catch(z.optional(z.enum(["last_known", "as_of"])), undefined),
  at: text,
  outcome: text,
  chart: text,
  on: text,
  sort: text,
  f: text,
  cols: text,
});
/** Of the audit log: also what was done with one leave to act from above. */
export const auditSearch = z.object({ ...recordSearch, grant: text });
/** Of usage: by which periods. */
export const usageSearch = z.object({
  ...recordSearch,
  by: z.catch(z.optional(z.enum(["month"])), undefined),
});
/** How many days the dashboard looks back. */
export const dashboardSearch = z.object({ days: text });
/** Of drift: what is looked at, the day, the collection, and the two sides of a comparison. */
export const driftSearch = z.object({
  ...recordSearch,
  tab: z.catch(z.optional(z.enum(["changes", "compare", "rare", "baselines"])), undefined),
  days: text,
  day: text,
  coll: text,
  a: text,
  b: text,
  from: text,
  to: text,
});
/** Of the MSP's customers: which of them, and below which tenant where it is not one's own. */
export const clientsSearch = z.object({ ...recordSearch, view: text, below: text });
export const stateSearch = z.object({ ...recordSearch, state: text });
/** Of findings: their state, of one check or agent, and by which of the two they are put together. */
export const findingsSearch = z.object({
  ...recordSearch,
  state: text,
  check: text,
  agent: text,
  group: z.catch(z.optional(z.enum(["check", "agent"])), undefined),
});

/** Addresses carry plain texts, readable as they stand: `?f=os:linux,port:>1024`. */
export function parseSearch(search: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(search));
}

export function stringifySearch(search: Record<string, unknown>): string {
  const parts = Object.entries(search).filter(([, value]) => value !== undefined && value !== "");
  if (parts.length === 0) return "";
  const encoded = new URLSearchParams(parts.map(([name, value]) => [name, String(value)])).toString();
  return `?${encoded.replaceAll("%3A", ":").replaceAll("%2C", ",").replaceAll("%2F", "/")}`;
}
