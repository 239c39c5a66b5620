/** Sample data and routes of the pages beside agents, live query and findings, in the shapes of the API. */
import { agents, answerRows, findings, resultColumns } from "./data.mjs";

const now = Date.now();
const at = (minutesAgo) => new Date(now - minutesAgo * 60_000).toISOString();
const uuid = (kind, number) => `${kind}0000000-0000-7000-8000-${String(number).padStart(12, "0")}`;
const page = (items) => ({ items });
const northwind = uuid("b", 2);

const alertRules = [
  ["public-docker-api", "Docker's API listens without TLS", "critical", 2],
  ["new-admin", "A new member of the administrators", "high", 5],
  ["unsigned-autorun", "An unsigned program starts by itself", "medium", 11],
  ["agent-silent", "An agent has been silent for an hour", "low", 14],
];

const alerts = alertRules.flatMap(([rule, title, severity, count], kind) =>
  Array.from({ length: count }, (_, number) => {
    const agent = agents[(kind * 31 + number * 7) % agents.length];
    return {
      id: uuid("9", kind * 100 + number + 1),
      tenant_id: agent.tenant_id,
      tenant_name: agent.tenant_name,
      rule,
      title,
      severity,
      state: number % 6 === 4 ? "acknowledged" : "open",
      state_at: at(number * 20),
      message: `${agent.hostname}: ${title.toLowerCase()}.`,
      hostnames: [agent.hostname],
      members: 1 + (number % 3),
      occurrences: 1 + ((number * 5) % 17),
      labels: { site: agent.tenant_name },
      flapping: number === 3,
      opened_at: at(30 + number * 190),
      last_seen_at: at(number * 4),
    };
  }),
);

const rules = alertRules.map(([rule, title, severity], number) => ({
  rule,
  title,
  description: `Fires when ${title.charAt(0).toLowerCase()}${title.slice(1)}.`,
  severity,
  source: number === 2 ? "tenant" : "product",
  enabled: number !== 3,
  on: "rows",
  collections: [
    ["pack:inventory/listening_ports", "pack:inventory/users", "pack:inventory/autoruns"][number % 3],
  ],
  group_by: ["agent"],
  threshold: 1,
  notify: number === 0 ? ["on-call"] : [],
  version: "3",
}));
const meter = (name, period, used, limit, at_limit) => ({
  meter: name,
  period,
  used,
  limit,
  at_limit,
  state: limit === null || used < limit * 0.8 ? "fine" : used < limit ? "near" : "reached",
});
const standing = (number, tenant, tenant_name, plan, [agentLimit, questionLimit], used) => ({
  tenant_id: uuid("b", number),
  tenant,
  tenant_name,
  plan,
  day: at(0).slice(0, 10),
  meters: [
    meter("agents", "now", used, agentLimit, "refused"),
    meter("live_queries", "day", 38, questionLimit, "refused"),
    meter("scans", "day", 4, 200, "refused"),
    meter("rows", "day", used * 26_000, 10_000_000, "reported"),
    meter("bytes", "day", used * 1_900_000, 10_737_418_240, "reported"),
  ],
});
const standings = [
  standing(2, "northwind", "Northwind Health", "pro", [500, 1_000], 412),
  standing(3, "northwind-berlin", "Northwind Berlin", "basic", [250, 100], 233),
  standing(4, "northwind-lyon", "Northwind Lyon", "basic", [250, 100], 118),
];
const usagePeriods = (by) =>
  Array.from({ length: by === "day" ? 30 : 12 }, (_, number) =>
    standings.map(({ tenant_id, tenant, meters: [{ used }] }) => ({
      period: by === "day" ? at(number * 1440).slice(0, 10) : at(number * 1440 * 30).slice(0, 7),
      tenant_id,
      tenant,
      agents: used,
      agents_seen: used - (number % 5),
      batches: used * 96,
      rows: used * (26_000 - number * 310),
      bytes: used * (1_900_000 - number * 21_000),
      live_queries: (number * 7) % 40,
      scans: number % 4,
      exports: number % 3,
      stored_rows: used * 41_000,
      stored_bytes: used * 9_400_000,
    })),
  ).flat();
const ruleText = ({ rule, title, severity }) => `rule: ${rule}
title: ${title}
on: collection
collections: [pack:inventory/listening-ports]
sql: |
  SELECT name, address, port FROM listening_ports
  WHERE port = 2375 AND address NOT LIKE '127.%'
when: len(rows) > 0 and "lab" not in agent.tags
severity: ${severity}
message: "{{ rows[0].name }} on {{ agent.hostname }} listens on port {{ rows[0].port }}."
group_by: [agent.id]
notify: [ops-mail]
fixtures:
  - name: open to all
    rows: {listening_ports: [{name: dockerd, address: 0.0.0.0, port: 2375}]}
    fires: true
  - name: of this machine only
    rows: {listening_ports: [{name: dockerd, address: 127.0.0.1, port: 2375}]}
    fires: false
`;
const ruleColumns = ["name", "address", "port"];

const packs = [
  ["inventory", "Inventory", "product", 24, "What is installed, who signs in, what starts and listens."],
  ["threat", "Threat hunting", "product", 18, "What attackers leave behind."],
  ["own", "Own questions", "tenant", 3, "What we ask beside."],
].map(([name, title, source, queries, description], number) => ({
  name,
  title,
  source,
  queries,
  description,
  platforms: number === 1 ? ["linux", "windows"] : ["linux", "darwin", "windows"],
  version: `${4 - number}`,
  notes: [],
}));
const packText = (name) =>
  `pack: ${name}\ntitle: ${name}\nqueries:\n  listeners:\n    sql: SELECT pid, port, address FROM listening_ports\n    interval: 1h\n  users:\n    sql: SELECT username, uid FROM users\n    interval: 6h\n`;
const packQueries = (pack) =>
  ["listeners", "users", "autoruns", "certificates"]
    .slice(0, Math.max(2, pack.queries % 5))
    .map((name, number) => ({
      name,
      description: "",
      sql: `SELECT * FROM ${["listening_ports", "users", "autoruns", "certificates"][number]}`,
      collection: `pack:${pack.name}/${name}`,
      columns: ["pid", "port"],
      class: number === 1 ? "personal" : "inventory",
      interval_seconds: 3600 * (number + 1),
      at: number === 1 ? "mon-fri 09:00" : "",
      zone: number === 1 ? "Europe/Berlin" : "",
      mode: "differential",
      platforms: pack.platforms,
    }));

/** The tenant tries the third version of its own pack. */
const layer = {
  kind: "tenant",
  target: northwind,
  tenant_id: northwind,
  name: "Northwind Health",
  version: 4,
  content: { pack_versions: { own: 3 } },
  before: {},
  canary_percent: 10,
  state: "rolling",
  reason: "",
  budget: { failing_percent: 10, cpu_ms_per_hour: 36000 },
  changed_at: at(12),
  changed_by: "mara@contoso.example",
};

const statuses = ["sent", "sent", "sent", "retrying", "dead", "suppressed", "queued"];
const notifications = Array.from({ length: 60 }, (_, number) => {
  const alert = alerts[number % alerts.length];
  const status = statuses[number % statuses.length];
  return {
    id: uuid("8", number + 1),
    alert_id: alert.id,
    notice: "opened",
    rule: alert.rule,
    severity: alert.severity,
    subject: `${alert.title} on ${alert.hostnames[0]}`,
    channel: number % 2 ? "on-call" : "security mail",
    channel_id: uuid("7", (number % 2) + 1),
    kind: number % 2 ? "webhook" : "email",
    status,
    retry_count: status === "retrying" ? 2 : 0,
    reason: status === "dead" ? "the receiver answered 410" : status === "suppressed" ? "quiet hours" : "",
    tenant_name: alert.tenant_name,
    created_at: at(number * 13),
    sent_at: status === "sent" ? at(number * 13) : undefined,
    webhook_status: number % 2 && status === "sent" ? 200 : undefined,
    body_sha256: "9f2c".repeat(16),
  };
});

const channels = ["security mail", "on-call"].map((name, number) => ({
  id: uuid("7", number + 1),
  name,
  kind: number ? "webhook" : "email",
  class: "inventory",
  enabled: true,
  all_alerts: number === 0,
  min_severity: number ? "high" : "low",
  config: number ? { url: "https://hooks.example.com/t" } : { to: ["soc@contoso.example"] },
  secret_hint: number ? "…4f2a" : undefined,
}));

const actions = [
  ["queries.run", "sql:stored"],
  ["findings.acknowledge", "finding:d0000000-0000-7000-8000-000000000001"],
  ["packs.put", "pack:own"],
  ["auth.login", "user:a0000000-0000-7000-8000-000000000001"],
  ["agents.tags", "agent:c0000000-0000-7000-8000-000000000012"],
];
const audit = Array.from({ length: 120 }, (_, number) => {
  const [action, object] = actions[number % actions.length];
  return {
    seq: 4200 - number,
    at: at(number * 7),
    actor: number % 5 === 4 ? "retention" : "mara@contoso.example",
    actor_id: uuid("a", 1),
    actor_kind: number % 5 === 4 ? "system" : "user",
    on_behalf: "",
    msp_scope_token: "",
    action,
    object,
    address: "10.4.1.9",
    detail: { reason: "as asked", count: number },
  };
});

const people = [
  ["Mara Reyes", "mara", "ADMIN"],
  ["Lee Park", "lee", "MSP_ADMIN"],
  ["Dana Ito", "dana", "USER"],
  ["Ola Berg", "ola", "READONLY"],
].map(([name, mail, role], number) => ({
  id: uuid("a", number + 1),
  tenant_id: northwind,
  name,
  email: `${mail}@contoso.example`,
  role,
  status: number === 3 ? "invited" : "active",
  created_at: at(90_000),
  last_modified_at: at(9_000),
  last_seen_at: number === 3 ? null : at(number * 60),
}));

const moduleItem = (name, number) => ({
  name,
  doc: `What ${name.replaceAll("_", " ")} tells.`,
  category: ["Network", "System", "Software"][number % 3],
  category_id: ["network", "system", "software"][number % 3],
  class: number % 4 === 1 ? "personal" : "inventory",
  cost: ["cheap", "moderate", "expensive"][number % 3],
  platforms: ["linux", "darwin", "windows"],
  collectable: true,
  by_category: false,
  state: number % 5 === 4 ? "live" : "collected",
  default_state: "collected",
  interval_seconds: 3600,
  own: false,
  locked: false,
  locked_here: false,
  from: "",
  from_id: northwind,
});
const modules = [
  "listening_ports",
  "processes",
  "users",
  "os_version",
  "deb_packages",
  "autoruns",
  "certificates",
].map(moduleItem);

let views = [
  {
    id: uuid("6", 1),
    page: "agents",
    name: "Offline Linux",
    search: "f=status%3A%3D+offline%2Cplatform%3A%3D+linux",
    shared: true,
    mine: false,
    owner: "lee@contoso.example",
    default: false,
    changed_at: at(4000),
  },
];
let saved = [
  {
    id: uuid("5", 1),
    tenant_id: northwind,
    name: "Public listeners",
    description: "",
    sql: "SELECT port, address FROM listening_ports WHERE address NOT IN ('127.0.0.1', '::1')",
    sharing: "shared",
    owner: "lee@contoso.example",
    version: 2,
    may_change: false,
    created_at: at(9000),
    modified_at: at(800),
    modified_by: "lee@contoso.example",
  },
];
let made = 10;

const checks = [
  ["ssh-root-login", "Root cannot log in over SSH", "critical", 38],
  ["world-writable-path", "No file of the system path is writable by everybody", "high", 12],
  ["disk-encryption", "Disks are encrypted", "high", 61],
  ["screen-lock", "The screen locks itself", "medium", 140],
].map(([check, title, severity, fail]) => ({
  check,
  title,
  severity,
  fail,
  pass: 399 - fail,
  not_applicable: 11,
  error: 2,
  waived: 0,
  platforms: ["linux"],
  controls: { "CIS v8": ["4.1"] },
  why: "",
}));

const agentLog = Array.from({ length: 40 }, (_, number) => ({
  agent_id: agents[0].id,
  hostname: agents[0].hostname,
  at: at(number * 37),
  told_at: at(number * 37),
  severity: ["info", "info", "warn", "error"][number % 4],
  code: ["config.applied", "query.slow", "query.denied", "table.failed"][number % 4],
  message: [
    "The configuration of version 41 holds.",
    "pack:inventory/file took 4.2 s, more than its budget.",
    "The live query was refused: it reads personal columns.",
    "certificates: permission denied on /etc/ssl/private.",
  ][number % 4],
  facts: { version: 41 },
}));

const driftItem = (number) => {
  const agent = agents[number % 9];
  const change = ["added", "removed", "changed"][number % 3];
  return {
    agent_id: agent.id,
    hostname: agent.hostname,
    tenant_name: agent.tenant_name,
    at: at(number * 41),
    change,
    collection: ["pack:inventory/users", "pack:inventory/listening_ports"][number % 2],
    columns: ["username", "uid", "shell"],
    value: [`tmp_${number}`, 1000 + number, "/bin/sh"],
    was: change === "changed" ? [`tmp_${number}`, 1000 + number, "/bin/bash"] : undefined,
    new: number % 4 === 0,
    fleet: 412,
    others: number % 7,
  };
};

const open = { critical: 3, high: 41, medium: 118, low: 84 };
const get = (pattern, answer) => [
  "GET",
  pattern,
  ({ response, send, ...rest }) => send(response, 200, answer(rest)),
];
const change = (method, pattern, act) => [
  method,
  pattern,
  ({ response, send, ...rest }) => send(response, 200, act(rest) ?? {}),
];
const moveAlert =
  (state) =>
  ({ parts: [id] }) => {
    const alert = alerts.find((each) => each.id === id);
    if (alert) alert.state = state;
    return alert;
  };

export const routes = [
  get(/^\/views$/, ({ query }) => page(views.filter((view) => view.page === query.get("page")))),
  change("POST", /^\/views$/, ({ body }) => {
    const view = {
      ...body,
      id: uuid("6", ++made),
      mine: true,
      owner: "mara@contoso.example",
      default: false,
      changed_at: at(0),
    };
    views = [view, ...views];
    return view;
  }),
  change("PUT", /^\/views\/([\w-]+)\/default$/, ({ parts: [id], body }) => {
    views = views.map((view) => ({ ...view, default: view.id === id ? body.default : false }));
  }),
  change("PUT", /^\/views\/([\w-]+)$/, ({ parts: [id], body }) => {
    views = views.map((view) => (view.id === id ? { ...view, ...body } : view));
  }),
  change("DELETE", /^\/views\/([\w-]+)$/, ({ parts: [id] }) => {
    views = views.filter((view) => view.id !== id);
  }),
  get(/^\/saved-queries$/, () => page(saved)),
  change("POST", /^\/saved-queries$/, ({ body }) => {
    const query = {
      ...saved[0],
      ...body,
      id: uuid("5", ++made),
      may_change: true,
      owner: "mara@contoso.example",
      modified_at: at(0),
    };
    saved = [query, ...saved];
    return query;
  }),
  change("DELETE", /^\/saved-queries\/([\w-]+)$/, ({ parts: [id] }) => {
    saved = saved.filter((query) => query.id !== id);
  }),
  change("POST", /^\/saved-queries\/([\w-]+)\/(?:pack|rule)$/, ({ body }) => {
    if (body.rule) {
      rules.unshift({
        ...rules[2],
        rule: body.rule,
        title: body.title,
        severity: body.severity,
        source: "tenant",
      });
    }
    return { collection: `pack:${body.pack}/${body.query}` };
  }),
  change("POST", /^\/queries\/estimate$/, () => ({
    basis: "history",
    samples: 214,
    targets: 410,
    online: 396,
    per_agent: { cpu_ms_p50: 38, cpu_ms_p95: 160, duration_ms_p50: 210, duration_ms_p95: 1900, rows: 6 },
    fleet: { cpu_ms: 15_200, rows: 2_500 },
    tables: [],
    warnings: [],
  })),
  [
    "POST",
    /^\/queries\/run$/,
    ({ body, response }) => {
      response.writeHead(200, { "Content-Type": "application/x-ndjson", "Cache-Control": "no-store" });
      const asked = agents.filter(({ id }) => body.target?.agent_ids?.includes(id) ?? true).slice(0, 400);
      for (const [number, { id, hostname }] of asked.entries()) {
        const rows = answerRows(number);
        response.write(
          `${JSON.stringify({ type: "rows", agent_id: id, hostname, columns: resultColumns, rows })}\n`,
        );
      }
      const tables = [{ table: "processes", agents: asked.length, oldest_at: at(90), newest_at: at(3) }];
      const summary = {
        agents: asked.length,
        answered: asked.length,
        failed: 0,
        not_told: 0,
        rows: 9,
        duration_ms: 31,
        tables,
      };
      response.end(`${JSON.stringify({ type: "done", summary })}\n`);
    },
  ],
  get(/^\/groups\/([\w-]+)\/agents$/, ({ parts: [id] }) => {
    const first = id === uuid("4", 1) ? 0 : 4;
    return page(
      agents.slice(first, first === 0 ? 4 : 48).map((agent) => ({
        agent_id: agent.id,
        hostname: agent.hostname,
        platform: agent.platform,
        since: at(4000),
        tenant: agent.tenant_name,
      })),
    );
  }),
  get(/^\/groups$/, () =>
    page(
      ["Domain controllers", "Build machines"].map((name, number) => ({
        id: uuid("4", number + 1),
        tenant_id: northwind,
        name,
        description: "",
        kind: "fixed",
        rule: "",
        agents: 4 + number * 40,
        error: "",
        created_at: at(9000),
      })),
    ),
  ),
  get(/^\/alerts$/, ({ query }) =>
    page(alerts.filter(({ state }) => state === (query.get("state") ?? state))),
  ),
  get(/^\/alerts\/([\w-]+)$/, ({ parts: [id] }) => {
    const alert = alerts.find((each) => each.id === id) ?? alerts[0];
    const finding = findings[0];
    return {
      ...alert,
      rule_version: "3",
      findings: [
        {
          agent_id: finding.agent_id,
          finding_id: finding.id,
          hostname: finding.hostname,
          firing: true,
          message: finding.message,
          since: at(80),
        },
      ],
      history: [{ at: alert.opened_at, event: "opened", actor: "rules", reason: "" }],
    };
  }),
  ...[
    ["acknowledge", "acknowledged"],
    ["resolve", "resolved"],
    ["snooze", "snoozed"],
    ["reopen", "open"],
  ].map(([verb, state]) => change("POST", new RegExp(`^/alerts/([\\w-]+)/${verb}$`), moveAlert(state))),
  get(/^\/rules$/, () => page(rules)),
  get(/^\/rules\/([\w-]+)$/, ({ parts: [id] }) => {
    const rule = rules.find((each) => each.rule === id) ?? rules[0];
    return { ...rule, yaml: ruleText(rule), columns: ruleColumns };
  }),
  get(/^\/rule-vocabulary$/, () => ({
    functions: ["all", "any", "count", "filter", "hasPrefix", "len", "lower", "none"],
    values: ["rows", "threshold", "params", "agent.id", "agent.hostname", "agent.platform", "agent.tags"],
    columns: { finding: ["kind", "subject", "title", "severity", "state"] },
  })),
  // A rule that names what nobody knows is wrong where it does so; its columns are known nevertheless.
  change("POST", /^\/rules\/check$/, ({ body }) => {
    const lines = body.yaml.split("\n");
    const line = lines.findIndex((each) => each.includes("rowz"));
    const known = {
      columns: ruleColumns,
      tables: ["listening_ports"],
      schemas: { listening_ports: ruleColumns },
    };
    if (line >= 0) {
      const column = lines[line].indexOf("rowz") + 1;
      return {
        ...known,
        ok: false,
        error: `rule.yaml:${line + 1}:${column}: unknown name rowz`,
        fixtures: [],
      };
    }
    return {
      ...known,
      ok: true,
      rule: "x",
      fixtures: [
        { name: "open to all", fires: true, said: "dockerd on host listens on port 2375." },
        { name: "of this machine only", fires: false },
      ],
    };
  }),
  change("POST", /^\/rules\/dry-run$/, () => ({
    basis: "history",
    from: at(30 * 1440),
    to: at(0),
    moments: 4120,
    fired: 21,
    firing: 2,
    errors: 0,
    truncated: false,
    agents: agents
      .slice(0, 5)
      .map(({ id, hostname }, number) => ({ agent_id: id, hostname, fired: 5 - number })),
    days: Array.from({ length: 30 }, (_, number) => ({
      day: at((29 - number) * 1440).slice(0, 10),
      fired: [0, 1, 0, 0, 2, 0, 0, 4, 0, 0][number % 10],
    })).filter(({ fired }) => fired > 0),
    firings: Array.from({ length: 14 }, (_, number) => ({
      agent_id: agents[number % 5].id,
      hostname: agents[number % 5].hostname,
      at: at(number * number * 150),
      message: "2375 answers on every address",
    })),
  })),
  change("PUT", /^\/rules\/([\w-]+)(?:\/settings)?$/, ({ parts: [id], body }) => {
    const rule = rules.find((each) => each.rule === id);
    if (rule && body.enabled !== undefined) rule.enabled = body.enabled;
    return rule;
  }),
  change("DELETE", /^\/rules\/([\w-]+)$/, () => undefined),
  change("POST", /^\/agents\/([\w-]+)\/(?:rotate-key|decommission)$/, () => undefined),
  change("POST", /^\/agents\/([\w-]+)\/move$/, ({ parts: [id] }) => ({ agent_id: id })),
  get(/^\/usage$/, () => page(standings)),
  get(/^\/usage\/history$/, ({ query }) => page(usagePeriods(query.get("by") ?? "day"))),
  get(/^\/packs$/, () => page(packs)),
  get(/^\/packs\/([\w-]+)$/, ({ parts: [name] }) => {
    const pack = packs.find((each) => each.name === name) ?? packs[0];
    return { ...pack, yaml: packText(name), query_list: packQueries(pack) };
  }),
  get(/^\/packs\/([\w-]+)\/versions$/, () =>
    page(
      [3, 2, 1].map((number) => ({
        number,
        saved_at: at((4 - number) * 3000),
        saved_by: "mara@contoso.example",
        present: number === 2,
      })),
    ),
  ),
  get(/^\/collection-costs$/, () =>
    page(
      packs.flatMap((pack, place) =>
        packQueries(pack).map(({ collection }, number) => ({
          collection,
          agents: 1380 - 400 * place,
          failing: number === 3 ? 2 : 0,
          rows: 2614 * (number + 1),
          cpu_ms_p50: 8 + 30 * number,
          cpu_ms_p95: 20 + 90 * number,
          duration_ms_p50: 11 + 40 * number,
          duration_ms_p95: 31 + 120 * number,
          last_batch_at: at(number * 7),
        })),
      ),
    ),
  ),
  get(/^\/agent-config\/([\w-]+)$/, ({ parts: [id] }) => ({
    agent_id: id,
    version: 1795549289,
    has_version: 1795549289,
    arrived: true,
    config: {
      allowed_class: "personal",
      disabled_tables: ["shell_history"],
      heartbeat_seconds: 30,
      queries: packs.flatMap((pack) => packQueries(pack)).map((query) => ({ ...query, timeout_seconds: 30 })),
    },
    layers: [{ ...layer, says: layer.content, in_canary: true }],
    parts: [
      { name: "pack_version:own", value: "3", from: northwind, from_kind: "tenant", from_name: layer.name },
    ],
  })),
  get(/^\/config-layers$/, () => page([layer])),
  change("PUT", /^\/config-layers\/tenant$/, ({ body }) => {
    const rolling = (body.canary_percent ?? 0) > 0;
    return Object.assign(layer, {
      ...body,
      state: rolling ? "rolling" : "done",
      before: rolling ? {} : undefined,
    });
  }),
  get(/^\/packs\/([\w-]+)\/versions\/(\d+)$/, ({ parts: [name, number] }) => ({
    yaml: packText(name).replace("1h", `${number}h`),
  })),
  change("POST", /^\/packs\/([\w-]+)\/versions\/\d+\/restore$/, () => undefined),
  change("PUT", /^\/packs\/([\w-]+)$/, ({ parts: [name] }) => packs.find((pack) => pack.name === name)),
  get(/^\/schedules$/, () =>
    page(packs.map(({ name }, number) => ({ pack: name, enabled: number !== 1, tenant_id: northwind }))),
  ),
  change("PUT", /^\/schedules\/([\w-]+)$/, () => undefined),
  get(/^\/notifications$/, () => page(notifications)),
  get(/^\/notifications\/([\w-]+)$/, ({ parts: [id] }) => ({
    ...(notifications.find((each) => each.id === id) ?? notifications[0]),
    body: '{"title":"Docker\'s API listens without TLS"}',
    attempts: [],
  })),
  change("POST", /^\/notifications\/([\w-]+)\/replay$/, () => undefined),
  get(/^\/channels$/, () => page(channels)),
  change("POST", /^\/channels\/([\w-]+)\/test$/, () => notifications[0]),
  get(/^\/modules$/, () => ({
    items: modules,
    allowed_class: {
      key: "allowed_class",
      value: "personal",
      from: "",
      from_id: "",
      own: false,
      locked: false,
      locked_here: false,
    },
  })),
  get(/^\/users$/, () => page(people)),
  get(/^\/members$/, () =>
    page(
      people.map(({ id, name, email, role }) => ({
        user_id: id,
        name,
        email,
        role,
        active: true,
        denied: [],
        inherited: false,
        tenant_id: northwind,
        tenant_name: "Northwind Health",
      })),
    ),
  ),
  get(/^\/audit$/, () => page(audit)),
  get(/^\/audit\/verify$/, () => ({
    ok: true,
    entries: 4200,
    first_seq: 1,
    anchors: 40,
    anchored_seq: 4190,
  })),
  get(/^\/inbox$/, () => ({ items: [], unread: 0 })),
  get(/^\/risk$/, () => ({ assets: 412, open, score: 34, tenants: [], weights_version: 1, worst: [] })),
  get(/^\/risk\/trend$/, () =>
    page(
      Array.from({ length: 30 }, (_, number) => ({
        day: at((30 - number) * 1440).slice(0, 10),
        score: 41 - number / 4,
        assets: 412,
        open,
        weights_version: 1,
      })),
    ),
  ),
  get(/^\/compliance\/checks$/, () => page(checks)),
  get(/^\/compliance\/scores$/, () => ({
    frameworks: [],
    overall: {
      errors: 2,
      failed: 251,
      judged: true,
      not_applicable: 44,
      passed: 1345,
      percent: 84.1,
      strict: 83,
      waived: 0,
    },
  })),
  get(/^\/compliance\/(?:tenants|gains|waivers|trend|verdicts|agents)$/, () => page([])),
  get(/^\/agents\/([\w-]+)\/log$/, ({ query }) =>
    page(agentLog.filter(({ severity }) => severity === (query.get("severity") ?? severity))),
  ),
  get(/^\/agents\/([\w-]+)\/risk$/, ({ parts: [id] }) => ({
    agent_id: id,
    hostname: "",
    importance: 3,
    open: { critical: 1, high: 2, medium: 2, low: 1 },
    points: 61,
    score: 61,
    reasons: [],
    tenant_id: northwind,
    tenant_name: "Berlin",
  })),
  get(/^\/drift$/, () => page(Array.from({ length: 40 }, (_, number) => driftItem(number)))),
  get(/^\/settings$/, () => page([])),
  get(/^\/me\/sessions$/, () =>
    page([
      {
        id: uuid("3", 1),
        current: true,
        address: "10.4.1.9",
        user_agent: "Firefox on Linux",
        created_at: at(600),
        last_used_at: at(0),
        expires_at: at(-6000),
      },
    ]),
  ),
  get(/^\/me\/tokens$/, () => page([])),
  get(/^\/me\/totp$/, () => ({
    enabled: false,
    required: false,
    confirmed_at: null,
    recovery_codes_left: 0,
  })),
  get(/^\/impersonations$/, () => page([])),
  change("POST", /^\/findings\/([\w-]+)\/reopen$/, ({ parts: [id] }) => {
    const finding = findings.find((each) => each.id === id);
    if (finding) finding.state = "open";
    return finding;
  }),
  change("PUT", /^\/agents\/([\w-]+)\/tags$/, ({ parts: [id], body }) => {
    const agent = agents.find((each) => each.id === id);
    if (agent) agent.tags = body.tags;
    return agent;
  }),
];
