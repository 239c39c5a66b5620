export interface Starter {
  question: string;
  sql: string;
}

/** Questions to begin with: each runs on every platform's agents without an edit. */
export const starters: Starter[] = [
  {
    question: "Who listens on a public port?",
    sql: `SELECT p.name, l.port, l.protocol, l.address, p.path
FROM listening_ports l
JOIN processes p USING (pid)
WHERE l.address NOT IN ('127.0.0.1', '::1')
  AND l.port > 0;`,
  },
  {
    question: "Which accounts have a login shell?",
    sql: `SELECT username, uid, directory, shell
FROM users
WHERE shell NOT LIKE '%nologin' AND shell NOT LIKE '%false';`,
  },
  {
    question: "What runs from a temporary folder?",
    sql: `SELECT pid, name, path, cmdline
FROM processes
WHERE path LIKE '/tmp/%' OR path LIKE '/var/tmp/%' OR path LIKE '/dev/shm/%';`,
  },
  {
    question: "Who may sign in over SSH, and how?",
    sql: `SELECT keyword, value, path, line
FROM sshd_config
WHERE keyword IN ('permitrootlogin', 'passwordauthentication', 'pubkeyauthentication');`,
  },
  {
    question: "Which systems are these?",
    sql: `SELECT o.name, o.version, k.version AS kernel, s.cpu_brand, s.physical_memory
FROM os_version o, kernel_info k, system_info s;`,
  },
];
