/** Sample data in the shapes of the API. It serves tests and pictures only and is no part of the console. */

const now = Date.now();
const at = (minutesAgo) => new Date(now - minutesAgo * 60_000).toISOString();
const id = (kind, number) => `${kind}0000000-0000-7000-8000-${String(number).padStart(12, "0")}`.slice(-36);

export const permissions = [
  "usage.read",
  "tenants.read",
  "agents.read",
  "agents.manage",
  "enroll.manage",
  "query.run",
  "query.personal",
  "packs.read",
  "findings.read",
  "findings.manage",
  "compliance.read",
  "packs.manage",
  "settings.read",
  "tenants.read",
  "users.read",
  "audit.read",
  "self.manage",
];

export const me = {
  user: { id: id("a", 1), email: "mara@contoso.example", name: "Mara Reyes" },
  tenant: { id: id("b", 2), name: "Northwind Health", slug: "northwind", plan: "pro" },
  role: "ANALYST",
  permissions,
  features: ["alerts", "scan_scheduling", "compliance", "drift"],
  on_behalf: "",
  msp_scope_token: "",
};

const tenantRows = [
  [1, null, "Contoso MSP", "contoso", 0, 818],
  [2, 1, "Northwind Health", "northwind", 1, 412],
  [3, 2, "Berlin", "northwind-berlin", 2, 233],
  [4, 2, "Lyon", "northwind-lyon", 2, 121],
  [5, 2, "Oslo", "northwind-oslo", 2, 58],
  [6, 1, "Fabrikam", "fabrikam", 1, 406],
  [7, 1, "Empty tenant", "empty", 1, 0],
];
export const tenants = tenantRows.map(([number, parent, name, slug, depth, agents]) => ({
  id: id("b", number),
  parent_id: parent ? id("b", parent) : null,
  name,
  slug,
  plan: "pro",
  status: slug === "fabrikam" ? "suspended" : "active",
  depth,
  agents,
  created_at: at(600_000),
}));

const sites = ["Berlin", "Lyon", "Oslo"];
const roles = ["web", "app", "db", "build", "dns", "mail", "file", "kiosk", "print"];
const systems = [
  ["linux", "Debian GNU/Linux", "12.7", "x86_64"],
  ["linux", "Ubuntu", "24.04.1 LTS", "x86_64"],
  ["linux", "Red Hat Enterprise Linux", "9.4", "aarch64"],
  ["windows", "Microsoft Windows Server 2022", "10.0.20348", "x86_64"],
  ["darwin", "macOS", "15.1", "arm64"],
];

export const agents = Array.from({ length: 412 }, (_, number) => {
  const site = sites[number % 7 < 4 ? 0 : number % 7 < 6 ? 1 : 2];
  const role = roles[number % roles.length];
  const [platform, os_name, os_version, arch] =
    systems[(number * 7) % 13 < 9 ? number % 3 : (number % 2) + 3];
  const offline = number % 29 === 7;
  const tags = [number % 3 ? "prod" : "staging", ...(number % 11 === 0 ? ["pci"] : [])];
  return {
    id: id("c", number + 1),
    tenant_id: id("b", sites.indexOf(site) + 3),
    tenant_name: site,
    hostname: `${role}-${String(Math.floor(number / roles.length) + 1).padStart(2, "0")}.${site.toLowerCase()}`,
    platform,
    os_name,
    os_version,
    arch,
    version: number % 17 === 0 ? "1.2.0" : "1.4.2",
    status: number === 101 ? "revoked" : offline ? "offline" : "online",
    last_seen_at: at(offline ? 60 * (number % 50) + 90 : (number % 4) / 3),
    enrolled_at: at(60 * 24 * (3 + (number % 200))),
    tags,
    open_findings: number % 5 === 0 ? 0 : (number * 13) % 9,
  };
});

const checks = [
  {
    check: "ssh-root-login",
    title: "Root cannot log in over SSH",
    severity: "critical",
    subject: "sshd_config",
    message: "sshd lets root sign in with a password.",
    columns: ["keyword", "value", "path", "line"],
    failing: ["value"],
    expected: "no or prohibit-password",
    rows: [["permitrootlogin", "yes", "/etc/ssh/sshd_config", 34]],
    sql: "SELECT keyword, value, path, line\nFROM sshd_config\nWHERE keyword = 'permitrootlogin';",
    pass: 'len(rows) > 0 and all(rows, .value in ["no", "prohibit-password"])',
    fix: {
      text: "Set PermitRootLogin to no in /etc/ssh/sshd_config, then reload sshd.",
      risk: "Ends the way in for whoever signs in as root; make sure that another account can use sudo.",
    },
    controls: { "CIS v8": ["4.1", "5.4"], "NIST 800-53": ["AC-6", "IA-2"], "ISO 27001": ["A.8.2"] },
  },
  {
    check: "world-writable-path",
    title: "No file of the system path is writable by everybody",
    severity: "high",
    subject: "/usr/local/bin",
    message: "Two programs that root runs can be replaced by every user.",
    columns: ["path", "mode", "uid", "size"],
    failing: ["mode"],
    expected: "no write for others",
    rows: [
      ["/usr/local/bin/backup-run", "0777", 0, 18424],
      ["/usr/local/bin/rotate-logs", "0757", 0, 2210],
    ],
    sql: "SELECT path, mode, uid, size\nFROM file\nWHERE path LIKE '/usr/local/bin/%' AND mode LIKE '%7';",
    pass: "len(rows) == 0",
    fix: { text: "Run chmod o-w on each of the files." },
    controls: { "CIS v8": ["3.3"], "NIST 800-53": ["AC-3"] },
  },
  {
    check: "empty-password",
    title: "Every account has a password or is locked",
    severity: "critical",
    subject: "tmp_sup",
    message: "The account tmp_sup signs in without a password.",
    columns: ["username", "uid", "password_status", "last_change"],
    failing: ["password_status"],
    expected: "locked or active",
    rows: [["tmp_sup", 1007, "empty", 20031]],
    sql: "SELECT username, uid, password_status, last_change FROM shadow WHERE password_status = 'empty';",
    pass: "len(rows) == 0",
    fix: { text: "Lock the account with passwd -l, or give it a password." },
    controls: { "CIS v8": ["5.2"] },
  },
  {
    check: "ip-forwarding",
    title: "The machine does not route packets",
    severity: "medium",
    subject: "net.ipv4.ip_forward",
    message: "IPv4 forwarding is on, and the machine is no router.",
    columns: ["name", "current_value", "config_value"],
    failing: ["current_value", "config_value"],
    expected: "0",
    rows: [["net.ipv4.ip_forward", "1", null]],
    sql: "SELECT name, current_value, config_value FROM system_controls WHERE name = 'net.ipv4.ip_forward';",
    pass: 'all(rows, .current_value == "0")',
    fix: { text: "Set net.ipv4.ip_forward to 0 in /etc/sysctl.d and run sysctl --system." },
    controls: { "CIS v8": ["4.8"], "NIST 800-53": ["CM-7"] },
  },
  {
    check: "password-ageing",
    title: "Passwords end after a year at most",
    severity: "low",
    subject: "login.defs",
    message: "PASS_MAX_DAYS is 99999.",
    columns: ["label", "value", "path"],
    failing: ["value"],
    expected: "365 or less",
    rows: [["PASS_MAX_DAYS", 99999, "/etc/login.defs"]],
    sql: "SELECT label, value, path FROM augeas WHERE label = 'PASS_MAX_DAYS';",
    pass: "all(rows, int(.value) <= 365)",
    fix: { text: "Set PASS_MAX_DAYS to 365 in /etc/login.defs." },
    controls: { "CIS v8": ["5.3"] },
  },
];

const findingOf = (number) => {
  const check = checks[(number * 3 + (number % 4)) % checks.length];
  const agent = agents[(number * 11) % agents.length];
  return {
    id: id("d", number + 1),
    tenant_id: agent.tenant_id,
    tenant_name: agent.tenant_name,
    agent_id: agent.id,
    hostname: agent.hostname,
    kind: "check",
    subject: check.check,
    title: check.title,
    severity: check.severity,
    state: number % 9 === 8 ? "acknowledged" : number % 13 === 12 ? "resolved" : "open",
    message: check.message,
    first_seen_at: at(60 * (2 + number * 5)),
    last_seen_at: at(1 + (number % 30)),
  };
};
export const findings = Array.from({ length: 246 }, (_, number) => findingOf(number));

export function findingDetail(finding) {
  const check = checks.find(({ title }) => title === finding.title);
  return {
    ...finding,
    evidence: {
      columns: check.columns,
      rows: check.rows,
      failing_columns: check.failing,
      failing_cells: check.rows.map(() => check.failing),
      total: check.rows.length,
    },
    expected: check.expected,
    sql: check.sql,
    pass: check.pass,
    fix: check.fix,
    controls: check.controls,
    history: [
      { at: finding.first_seen_at, state: "open", actor: "", reason: "first failing rows" },
      ...(finding.state === "open"
        ? []
        : [{ at: at(30), state: finding.state, actor: "Mara Reyes", reason: "" }]),
    ],
  };
}

const column = (name, type, doc, more = {}) => ({ name, type, doc, ...more });
const table = (name, category, cost, doc, columns) => ({
  name,
  aliases: [],
  doc,
  category,
  platforms: ["linux", "darwin", "windows"],
  cost,
  privilege: "none",
  columns,
});
export const tables = [
  table(
    "listening_ports",
    "network",
    "cheap",
    "Sockets that wait for connections, with the process behind each.",
    [
      column("pid", "INTEGER", "Process that holds the socket."),
      column("port", "INTEGER", "Port, 0 for sockets without one."),
      column("protocol", "INTEGER", "Number of the protocol: 6 is TCP, 17 is UDP."),
      column("address", "TEXT", "Address it listens on; 0.0.0.0 is every one."),
      column("path", "TEXT", "Path of a local socket."),
    ],
  ),
  table("processes", "system", "cheap", "Programs that run, one row each.", [
    column("pid", "INTEGER", "Process id.", { index: true }),
    column("name", "TEXT", "Name of the process."),
    column("path", "TEXT", "File of the program."),
    column("cmdline", "TEXT", "Command line as started."),
    column("uid", "INTEGER", "User it runs as."),
    column("on_disk", "INTEGER", "Whether the file is still there: 1, 0, or -1 when unknown."),
  ]),
  table("users", "identity", "cheap", "Accounts of this machine.", [
    column("uid", "INTEGER", "User id."),
    column("username", "TEXT", "Login name."),
    column("directory", "TEXT", "Home directory."),
    column("shell", "TEXT", "Login shell."),
  ]),
  table("hash", "files", "expensive", "Digests of a file's content.", [
    column("path", "TEXT", "File to read.", { required: true }),
    column("md5", "TEXT", "MD5 of the content."),
    column("sha256", "TEXT", "SHA-256 of the content."),
  ]),
  table(
    "sshd_config",
    "services",
    "cheap",
    "Settings of the SSH server that are in force, with the line of each.",
    [
      column("keyword", "TEXT", "Name of the setting in lower case."),
      column("value", "TEXT", "Value in force."),
      column("path", "TEXT", "File that sets it; empty for a default."),
      column("line", "INTEGER", "Line in the file."),
    ],
  ),
  ...[
    ["deb_packages", "files", "moderate"],
    ["rpm_packages", "files", "moderate"],
    ["crontab", "services", "cheap"],
    ["etc_hosts", "network", "cheap"],
    ["file", "files", "moderate"],
    ["groups", "identity", "cheap"],
    ["interface_addresses", "network", "cheap"],
    ["kernel_info", "kernel", "cheap"],
    ["kernel_modules", "kernel", "cheap"],
    ["load_average", "system", "cheap"],
    ["logged_in_users", "identity", "cheap"],
    ["mounts", "system", "cheap"],
    ["os_version", "system", "cheap"],
    ["process_open_files", "system", "moderate"],
    ["routes", "network", "cheap"],
    ["system_info", "system", "cheap"],
    ["systemd_units", "services", "moderate"],
    ["uptime", "system", "cheap"],
  ].map(([name, category, cost]) =>
    table(name, category, cost, `Sample text about ${name}.`, [
      column("name", "TEXT", "Name."),
      column("path", "TEXT", "Path."),
    ]),
  ),
].sort((a, b) => a.name.localeCompare(b.name));

export const collections = [
  ["inventory/deb_packages", 1284, 12, 0, null],
  ["inventory/users", 31, 12, 0, null],
  ["inventory/listening_ports", 42, 4, 0, null],
  ["inventory/systemd_units", 214, 12, 0, null],
  ["compliance/sshd_config", 96, 27, 0, null],
  ["compliance/system_controls", 942, 27, 0, null],
  ["inventory/rpm_packages", 0, 12, 0, null],
  ["integrity/hash", 0, 1900, 1, "hash: read /usr/sbin/mysqld: permission denied"],
].map(([collection, rows, minutes, status_code, error]) => ({
  collection,
  rows,
  last_batch_at: at(minutes),
  status_code,
  error,
}));

const services = [
  ["nginx", 443, "0.0.0.0", "www-data", "/usr/sbin/nginx", "9f2b1c0477ac02be"],
  ["nginx", 80, "0.0.0.0", "www-data", "/usr/sbin/nginx", "9f2b1c0477ac02be"],
  ["java", 8080, "10.4.1.77", "svc-app", "/opt/app/jre/bin/java", "77ac02be11d2c3f4"],
  ["postgres", 5432, "10.4.0.12", "postgres", "/usr/lib/postgresql/16/bin/postgres", "4410dd7e9a01b2c3"],
  ["cupsd", 631, "10.12.0.9", "root", "/usr/sbin/cupsd", "d1859b7a33e4f501"],
  ["node", 3000, "0.0.0.0", "svc-portal", "/usr/bin/node", "58bbd5c2aa10fe98"],
];
const odd = [
  ["x11vnc", 5900, "0.0.0.0", "kiosk", "/opt/.cache/x11vnc", "e3b0c44298fc1c14"],
  ["dockerd", 2375, "0.0.0.0", "root", "/usr/bin/dockerd", "1de4a6f20c9b7788"],
];
export const resultColumns = ["name", "port", "address", "username", "path", "sha256"];

/** What an agent answers to the sample question. */
export function answerRows(number) {
  if (number % 5 === 4) return [];
  const rows = services.filter((_, index) => (number + index) % 3 !== 0);
  if (number === 37) rows.push(odd[0]);
  if (number === 43 || number === 220) rows.push(odd[1]);
  return rows.flatMap((row) => (number % 2 ? [row] : [row, [row[0], row[1] + 1, ...row.slice(2)]]));
}

/** Text that tries to be more than text, in each column. */
export const hostileRow = [
  "<img src=x onerror=document.title='owned'>",
  '=HYPERLINK("http://x")',
  "javascript:alert(1)",
  "\u202egnp.exe",
  "/tmp/<script>alert(1)</script>",
  null,
];

/** What an agent tells of itself beside what lists show. */
export const agentCost = {
  config_version: 41,
  cpu_ms: 48_200,
  rss_bytes: 44_000_000,
  uptime_seconds: 196_000,
  spool_batches: 2,
  spool_bytes: 14_400,
  spool_dropped: 0,
};
