/** Tables of an agent that have a tab of their own, as the last known state has them. */
export interface AgentTable {
  tab: string;
  label: string;
  /** What is shown, in the order in which one reads it: statements of the same columns, of which an agent has told some. */
  sql: string[];
  /** What an empty tab says. */
  none: string;
}

export const agentTables: AgentTable[] = [
  {
    tab: "processes",
    label: "Processes",
    sql: ["SELECT name, pid, parent, path, cmdline, uid FROM processes ORDER BY name"],
    none: "No process is known of this agent.",
  },
  {
    tab: "ports",
    label: "Ports",
    sql: ["SELECT port, protocol, address, pid, path FROM listening_ports ORDER BY port"],
    none: "Nothing listens, as far as this agent told.",
  },
  {
    tab: "software",
    label: "Software",
    sql: [
      "SELECT name, version, source FROM deb_packages ORDER BY name",
      "SELECT name, version, source FROM rpm_packages ORDER BY name",
      "SELECT name, version, publisher AS source FROM programs ORDER BY name",
      "SELECT name, bundle_short_version AS version, path AS source FROM apps ORDER BY name",
    ],
    none: "No package or program is known of this agent.",
  },
  {
    tab: "users",
    label: "Users",
    sql: ["SELECT username, uid, gid, description, directory, shell FROM users ORDER BY uid"],
    none: "No account is known of this agent.",
  },
  {
    tab: "autoruns",
    label: "Autoruns",
    sql: ["SELECT name, path, args, type, source, status, username FROM startup_items ORDER BY name"],
    none: "Nothing starts by itself, as far as this agent told.",
  },
];
