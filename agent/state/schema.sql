-- What the agent of one identity knows. One row.
CREATE TABLE agent (
    one            INTEGER PRIMARY KEY CHECK (one = 1),
    agent_id       TEXT    NOT NULL,
    tenant_id      TEXT    NOT NULL,
    next_sequence  INTEGER NOT NULL DEFAULT 1,
    config         BLOB,                          -- the last good configuration, as the signed command that brought it
    config_version INTEGER NOT NULL DEFAULT 0,
    spool_batches  INTEGER NOT NULL DEFAULT 0,    -- of table batches, kept so that nobody need count
    spool_bytes    INTEGER NOT NULL DEFAULT 0,
    spool_dropped  INTEGER NOT NULL DEFAULT 0,    -- batches given up because the spool was full
    pid            INTEGER NOT NULL DEFAULT 0,    -- of the daemon that runs, or ran last
    started_at     INTEGER NOT NULL DEFAULT 0,    -- Unix milliseconds; 0 where it ended well
    version        TEXT    NOT NULL DEFAULT ''
) STRICT;

-- Where each collection stands. stale: the fleet must be told the whole state anew, in a new epoch.
CREATE TABLE collections (
    id            INTEGER PRIMARY KEY,
    name          TEXT    NOT NULL UNIQUE,
    query_version TEXT    NOT NULL DEFAULT '',
    mode          TEXT    NOT NULL DEFAULT '',
    stale         INTEGER NOT NULL DEFAULT 1,
    epoch         INTEGER NOT NULL DEFAULT 0,
    counter       INTEGER NOT NULL DEFAULT 0,     -- of the next batch
    status_code   INTEGER NOT NULL DEFAULT 0,     -- as the fleet was last told
    status_log    TEXT    NOT NULL DEFAULT ''
) STRICT;

-- The rows of each collection as the fleet will have them once the spool is empty: how many times each is there.
CREATE TABLE collection_rows (
    collection INTEGER NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
    hash       BLOB    NOT NULL,
    times      INTEGER NOT NULL,
    PRIMARY KEY (collection, hash)
) STRICT, WITHOUT ROWID;

-- The spool: packed frames, ready to be sent.
CREATE TABLE batches (
    sequence   INTEGER PRIMARY KEY,
    collection TEXT NOT NULL,
    frame      BLOB NOT NULL
) STRICT;

-- What each scheduled query did. Times are Unix milliseconds, durations microseconds.
CREATE TABLE schedule (
    collection  TEXT    PRIMARY KEY,
    version     TEXT    NOT NULL,                 -- of the query
    last_run    INTEGER NOT NULL,
    next_run    INTEGER NOT NULL,
    executions  INTEGER NOT NULL DEFAULT 0,
    status      TEXT    NOT NULL DEFAULT '',
    error       TEXT    NOT NULL DEFAULT '',
    breaches    INTEGER NOT NULL DEFAULT 0,       -- of its budget, in a row
    denied      INTEGER NOT NULL DEFAULT 0,       -- waits longer than its interval because of them
    rows        INTEGER NOT NULL DEFAULT 0,       -- sums over all executions
    bytes       INTEGER NOT NULL DEFAULT 0,
    wall        INTEGER NOT NULL DEFAULT 0,
    cpu         INTEGER NOT NULL DEFAULT 0
) STRICT;

-- The latest statements, scheduled and live.
CREATE TABLE executions (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    at     INTEGER NOT NULL,
    kind   TEXT    NOT NULL,
    name   TEXT    NOT NULL,
    sql    TEXT    NOT NULL,
    status TEXT    NOT NULL,
    error  TEXT    NOT NULL,
    rows   INTEGER NOT NULL,
    bytes  INTEGER NOT NULL,
    wall   INTEGER NOT NULL,
    cpu    INTEGER NOT NULL
) STRICT;
