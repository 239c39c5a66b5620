/** What one finds across agents, and the statements over the last known state that find it. */
export interface InventoryKind {
  id: string;
  label: string;
  /** One and many, as the list names them. */
  noun: { one: string; many: string };
  /** The columns that make a row what it is; rarity counts the agents that have all of them alike. */
  columns: { id: string; label: string; width: number; mono?: boolean }[];
  /** A table each: an agent of one system has not told the tables of another. */
  sources: { name: string; table: string; select: Record<string, string>; where?: string }[];
}

const named = (name: string, version = "version") => ({ name, version });

export const inventoryKinds: InventoryKind[] = [
  {
    id: "software",
    label: "Software",
    noun: { one: "program", many: "programs" },
    columns: [
      { id: "name", label: "Name", width: 300 },
      { id: "version", label: "Version", width: 200, mono: true },
    ],
    sources: [
      { name: "Debian package", table: "deb_packages", select: named("name") },
      { name: "RPM package", table: "rpm_packages", select: named("name") },
      { name: "Windows program", table: "programs", select: named("name") },
      { name: "macOS app", table: "apps", select: named("name", "bundle_short_version") },
      { name: "Homebrew", table: "homebrew_packages", select: named("name") },
      { name: "Python", table: "python_packages", select: named("name") },
      { name: "npm", table: "npm_packages", select: named("name") },
      { name: "VS Code extension", table: "vscode_extensions", select: named("name") },
    ],
  },
  {
    id: "accounts",
    label: "Accounts",
    noun: { one: "account", many: "accounts" },
    columns: [
      { id: "username", label: "Account", width: 180 },
      { id: "uid", label: "UID", width: 110 },
      { id: "shell", label: "Shell", width: 200, mono: true },
      { id: "directory", label: "Home", width: 240, mono: true },
    ],
    sources: [
      {
        name: "Account",
        table: "users",
        select: { username: "username", uid: "uid", shell: "shell", directory: "directory" },
      },
    ],
  },
  {
    id: "ports",
    label: "Ports",
    noun: { one: "listener", many: "listeners" },
    columns: [
      { id: "port", label: "Port", width: 90 },
      { id: "protocol", label: "Protocol", width: 100 },
      { id: "address", label: "Address", width: 200, mono: true },
    ],
    sources: [
      {
        name: "Listener",
        table: "listening_ports",
        select: {
          port: "port",
          protocol: "CASE protocol WHEN 6 THEN 'tcp' WHEN 17 THEN 'udp' ELSE protocol END",
          address: "address",
        },
        where: "port > 0",
      },
    ],
  },
  {
    id: "services",
    label: "Services",
    noun: { one: "service", many: "services" },
    columns: [
      { id: "name", label: "Service", width: 260, mono: true },
      { id: "state", label: "State", width: 120 },
      { id: "path", label: "Program or unit", width: 360, mono: true },
    ],
    sources: [
      {
        name: "systemd",
        table: "systemd_units",
        select: { name: "id", state: "active_state", path: "fragment_path" },
        where: "id LIKE '%.service'",
      },
      { name: "Windows", table: "services", select: { name: "name", state: "status", path: "path" } },
      { name: "launchd", table: "launchd", select: { name: "label", state: "disabled", path: "program" } },
    ],
  },
  {
    id: "autoruns",
    label: "Autoruns",
    noun: { one: "autorun", many: "autoruns" },
    columns: [
      { id: "name", label: "Name", width: 260 },
      { id: "path", label: "Starts", width: 380, mono: true },
      { id: "type", label: "Type", width: 130 },
      { id: "from", label: "From", width: 260, mono: true },
      { id: "status", label: "State", width: 100 },
    ],
    sources: [
      {
        name: "Start-up item",
        table: "startup_items",
        select: { name: "name", path: "path", type: "type", from: "source", status: "status" },
      },
    ],
  },
  {
    id: "extensions",
    label: "Browser extensions",
    noun: { one: "browser extension", many: "browser extensions" },
    columns: [
      { id: "name", label: "Extension", width: 260 },
      { id: "version", label: "Version", width: 130, mono: true },
      { id: "browser", label: "Browser", width: 120 },
      { id: "identifier", label: "Id", width: 300, mono: true },
      { id: "rights", label: "May", width: 280 },
    ],
    sources: [
      {
        name: "Chrome extension",
        table: "chrome_extensions",
        select: {
          ...named("name"),
          browser: "browser_type",
          identifier: "identifier",
          rights: "permissions",
        },
      },
      {
        name: "Firefox add-on",
        table: "firefox_addons",
        select: { ...named("name"), browser: "'firefox'", identifier: "identifier", rights: "NULL" },
        where: "type = 'extension'",
      },
    ],
  },
  {
    id: "scheduled",
    label: "Scheduled jobs",
    noun: { one: "job", many: "jobs" },
    columns: [
      { id: "command", label: "Command", width: 420, mono: true },
      { id: "source", label: "From", width: 260, mono: true },
    ],
    sources: [
      { name: "cron", table: "crontab", select: { command: "command", source: "path" } },
      { name: "Task Scheduler", table: "scheduled_tasks", select: { command: "action", source: "path" } },
    ],
  },
  {
    id: "certificates",
    label: "Certificates",
    noun: { one: "certificate", many: "certificates" },
    columns: [
      { id: "common_name", label: "Name", width: 280 },
      { id: "issuer", label: "Issuer", width: 280 },
      { id: "ends", label: "Ends", width: 120 },
      { id: "sha1", label: "SHA-1", width: 310, mono: true },
    ],
    sources: [
      {
        name: "Certificate",
        table: "certificates",
        select: {
          common_name: "common_name",
          issuer: "issuer",
          ends: "date(not_valid_after, 'unixepoch')",
          sha1: "sha1",
        },
      },
    ],
  },
  {
    id: "modules",
    label: "Kernel modules",
    noun: { one: "module", many: "modules" },
    columns: [{ id: "name", label: "Module", width: 260, mono: true }],
    sources: [{ name: "Linux", table: "kernel_modules", select: { name: "name" } }],
  },
];

/** The statement that gives a source's rows, each once, with how many agents have it. */
export function countSql({ table, select, where }: InventoryKind["sources"][number]): string {
  const columns = Object.entries(select).map(([id, expression]) => `${expression} AS "${id}"`);
  const places = columns.map((_, index) => index + 1).join(", ");
  return `SELECT ${columns.join(", ")}, count(DISTINCT agent) AS agents FROM ${table}${
    where ? ` WHERE ${where}` : ""
  } GROUP BY ${places}`;
}

/** The statement that names the agents which have a row. */
export function agentsSql(
  { table, select, where }: InventoryKind["sources"][number],
  values: Record<string, string | number | null>,
): string {
  const alike = Object.entries(select).map(
    ([id, expression]) => `(${expression}) IS ${literal(values[id] ?? null)}`,
  );
  return `SELECT DISTINCT agent, hostname, tenant, seen_from FROM ${table} WHERE ${[
    ...(where ? [where] : []),
    ...alike,
  ].join(" AND ")} ORDER BY hostname`;
}

/** A value as SQL writes it; quotes in it cannot end it. */
function literal(value: string | number | null): string {
  if (value === null) return "NULL";
  return typeof value === "number" ? String(value) : `'${value.replaceAll("'", "''")}'`;
}
