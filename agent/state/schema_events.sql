-- How far each scheduled query has read each table of events.
CREATE TABLE event_cursors (
    collection TEXT    NOT NULL,
    events     TEXT    NOT NULL, -- name of the table
    id         INTEGER NOT NULL, -- of the last event that was read
    PRIMARY KEY (collection, events)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 2;
