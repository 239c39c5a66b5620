-- One line a table of events, with what became of its events since the agent started.
CREATE TABLE sources (
    id            INTEGER PRIMARY KEY,
    name          TEXT    NOT NULL UNIQUE,
    publisher     TEXT    NOT NULL DEFAULT '',
    active        INTEGER NOT NULL DEFAULT 0,
    reason        TEXT    NOT NULL DEFAULT '',
    subscriptions INTEGER NOT NULL DEFAULT 0,
    refreshes     INTEGER NOT NULL DEFAULT 0,
    recorded      INTEGER NOT NULL DEFAULT 0,
    dropped       INTEGER NOT NULL DEFAULT 0,
    last_drop     TEXT    NOT NULL DEFAULT '',
    evicted       INTEGER NOT NULL DEFAULT 0,
    expired       INTEGER NOT NULL DEFAULT 0,
    rows          INTEGER NOT NULL DEFAULT 0, -- in the buffer, kept so that nobody need count
    bytes         INTEGER NOT NULL DEFAULT 0
) STRICT;

-- The events of each table in the order in which they were recorded. at is in Unix seconds.
CREATE TABLE events (
    source INTEGER NOT NULL,
    id     INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    row    BLOB    NOT NULL,
    PRIMARY KEY (source, id)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 1;
