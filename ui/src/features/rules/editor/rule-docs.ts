/** What each key of a rule says, in the order in which one writes them. */
export const keyDocs: Record<string, string> = {
  rule: "The name: lower-case letters, digits, . and -. A rule of the same name hides the product's.",
  title: "One line that people read in lists.",
  description: "Why it matters, and what to do first.",
  on: "What is looked at: collection, drift, finding, agent or schedule.",
  collections: "What agents tell, such as pack:inventory/users. SQL reads each as a table.",
  sql: "Narrows the rows of one agent; joins collections. Without it, all rows are taken.",
  when: "An expression that gives true or false. It sees rows, params, threshold and agent.",
  threshold: "A number that a tenant may set for itself; 1 where nothing is said.",
  params: "Values that a tenant may set for itself.",
  platforms: "Only agents of these: linux, darwin, windows.",
  severity: "low, medium, high or critical.",
  message: "What people read. Expressions stand in double braces: {{ rows[0].name }}.",
  group_by:
    "One alert for each group. With agent.id each machine has its own; with a column one alert gathers all.",
  notify: "Names of channels.",
  renotify: "Tells again after so long while the alert is open, such as 24h.",
  resolve_after: "Ends an alert on something that happened once, not found again for so long.",
  escalate: "Tells further channels of an alert that nobody has acknowledged: {after: 2h, notify: [oncall]}.",
  enabled: "Whether it judges where no tenant says otherwise.",
  fixtures:
    "Examples: at least one that fires and one that does not. A rule whose fixtures do not hold is not stored.",
};

/** Values that a key takes from a fixed list. */
export const keyValues: Record<string, string[]> = {
  on: ["collection", "drift", "finding", "agent", "schedule"],
  severity: ["low", "medium", "high", "critical"],
  platforms: ["linux", "darwin", "windows"],
  enabled: ["true", "false"],
};

/** What stands beside rows in an expression. */
export const valueDocs: Record<string, string> = {
  rows: "The rows that the SQL gives of one agent, or of one group.",
  threshold: "The rule's number, with the tenant's over it.",
  params: "The rule's params, with the tenant's over them.",
  "agent.id": "The agent's id.",
  "agent.hostname": "The agent's host name.",
  "agent.platform": "linux, darwin or windows.",
  "agent.os_name": "The operating system's name.",
  "agent.os_version": "The operating system's version.",
  "agent.tags": 'The agent\'s tags: "lab" in agent.tags.',
};

/** How the functions are called that take a predicate or more than one value; the rest take one. */
export const functionDocs: Record<string, string> = {
  all: "all(rows, .port > 1024): whether it holds for every row; true of no rows.",
  any: "any(rows, .port == 23): whether it holds for a row.",
  concat: "concat(a, b): one list of several.",
  count: "count(rows, .port == 23): for how many rows it holds.",
  filter: "filter(rows, .port == 23): the rows for which it holds.",
  find: "find(rows, .port == 23): the first row for which it holds, or nil.",
  findIndex: "findIndex(rows, .port == 23): its place, from 0, or -1.",
  findLast: "findLast(rows, .port == 23): the last row for which it holds, or nil.",
  first: "first(rows): the first, or nil.",
  get: 'get(rows[0], "name"): a value by its name, or nil.',
  groupBy: "groupBy(rows, .name): lists of rows by a value.",
  hasPrefix: "hasPrefix(text, start): whether a text starts so.",
  hasSuffix: "hasSuffix(text, end): whether a text ends so.",
  indexOf: "indexOf(text, part): the place of a part, from 0, or -1.",
  last: "last(rows): the last, or nil.",
  len: "len(rows): how many rows, or letters of a text.",
  lower: "lower(text): in lower case.",
  map: "map(rows, .name): a list of one value of each row.",
  max: "max(a, b): the greatest.",
  min: "min(a, b): the least.",
  none: "none(rows, .port == 23): whether it holds for no row.",
  one: "one(rows, .port == 23): whether it holds for just one row.",
  sortBy: "sortBy(rows, .port): the rows in the order of a value.",
  split: 'split(text, ","): the parts of a text.',
  sum: "sum(rows, .bytes): the sum of a value.",
  take: "take(rows, 3): the first few.",
  trim: "trim(text): without blanks around it.",
  trimPrefix: "trimPrefix(text, start): without that start.",
  trimSuffix: "trimSuffix(text, end): without that end.",
  upper: "upper(text): in upper case.",
};
