/** Who and what the pictures show. */

/** Beside those that every demo has: Northwind with Berlin, and Fabrikam. */
export const customers = [
  { parent: "northwind", slug: "northwind-lyon", name: "Lyon", plan: "pro" },
  { parent: "contoso", slug: "litware", name: "Litware Logistics", plan: "enterprise" },
  { parent: "contoso", slug: "adventure", name: "Adventure Works", plan: "free" },
];

export const people = [
  { tenant: "northwind", email: "lee@northwind.example", name: "Lee Park", role: "MANAGER" },
  { tenant: "northwind", email: "aude@northwind.example", name: "Aude Blanc", role: "READONLY" },
  { tenant: "northwind", email: "bill@northwind.example", name: "Bill Ng", role: "BILLING_VIEWER" },
  { tenant: "northwind-berlin", email: "jonas@northwind.example", name: "Jonas Weber", role: "USER" },
  { tenant: "litware", email: "sana@litware.example", name: "Sana Malik", role: "ADMIN" },
];

export const machines = [
  { name: "web-01.berlin", kind: "web", tenant: "northwind-berlin", tags: ["prod", "web"] },
  { name: "web-02.berlin", kind: "web", tenant: "northwind-berlin", tags: ["prod", "web"] },
  { name: "db-01.berlin", kind: "database", tenant: "northwind-berlin", tags: ["prod", "pci"] },
  { name: "build-11.lyon", kind: "build", tenant: "northwind-lyon", tags: ["ci"] },
  { name: "kiosk-03.lyon", kind: "kiosk", tenant: "northwind-lyon", tags: ["lobby"] },
  { name: "gate-01", kind: "kiosk", tenant: "fabrikam", tags: ["plant"] },
  { name: "erp-01", kind: "database", tenant: "litware", tags: ["prod"] },
];

const inNorthwind = { tenant: "northwind" };
const day = 86_400_000;

/** What happens in the demo's first minutes. `change` has a machine change. */
export async function happenings(api, change) {
  change("web-02.berlin", "user");
  change("web-02.berlin", "ssh");
  change("build-11.lyon", "cron");
  await api("POST", "/groups", {
    ...inNorthwind,
    body: {
      name: "Web servers",
      kind: "expr",
      description: "What customers reach",
      rule: `"web" in agent.tags`,
    },
  });
  await api("POST", "/channels", {
    ...inNorthwind,
    body: {
      name: "on-call",
      kind: "webhook",
      min_severity: "high",
      config: { url: "https://alerts.northwind.example/tenantra" },
    },
  });
  for (const query of [
    {
      name: "Public listeners",
      description: "Services that answer on a public address",
      sharing: "shared",
      sql: "SELECT p.name, l.port, l.address FROM listening_ports l JOIN processes p USING (pid) WHERE l.address NOT IN ('127.0.0.1', '::1') AND l.port > 0",
    },
    {
      name: "Accounts of user id 0",
      description: "Only root should be",
      sharing: "shared",
      sql: "SELECT username, shell FROM users WHERE uid = 0",
    },
  ])
    await api("POST", "/saved-queries", { ...inNorthwind, body: query });
  await api("POST", "/compliance/waivers", {
    ...inNorthwind,
    body: {
      check: "ssh-root-login",
      tag: "ci",
      reason: "The build farm is replaced in December (NW-2214)",
      expires_at: new Date(Date.now() + 21 * day).toISOString(),
    },
  });
  const { items } = await api("GET", "/findings", {
    ...inNorthwind,
    query: { recursive: true, state: "open", limit: 20 },
  });
  for (const { id } of items.slice(3, 5))
    await api("POST", `/findings/${id}/acknowledge`, {
      ...inNorthwind,
      query: { recursive: true },
      body: { reason: "Lee looks into it" },
    });
  await api("POST", "/scan/trigger", { ...inNorthwind, query: { recursive: true }, body: {} });
}
