-- Statements that people want to ask again. A shared one holds for its tenant and the subtree; others are their owner's.

-- +goose Up
CREATE TABLE tenantra.saved_queries (
    tenant_id        int NOT NULL REFERENCES tenantra.tenants (id),
    id               uuid NOT NULL,
    name             text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    description      text NOT NULL DEFAULT '',
    sql              text NOT NULL,
    sharing          text NOT NULL CHECK (sharing IN ('shared', 'mine')),
    owner            uuid NOT NULL, -- of the person
    owner_name       text NOT NULL, -- for people
    version          int NOT NULL,  -- of the statement, from 1
    modified_by_name text NOT NULL, -- for people
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX saved_queries_shared ON tenantra.saved_queries (tenant_id, name) WHERE sharing = 'shared';
CREATE UNIQUE INDEX saved_queries_mine ON tenantra.saved_queries (tenant_id, owner, name) WHERE sharing = 'mine';
CALL tenantra.protect('tenantra.saved_queries');

CREATE TABLE tenantra.saved_query_versions (
    tenant_id  int NOT NULL,
    query_id   uuid NOT NULL,
    number     int NOT NULL,
    name       text NOT NULL, -- at the time
    sql        text NOT NULL,
    saved_by   text NOT NULL, -- for people
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, query_id, number),
    FOREIGN KEY (tenant_id, query_id) REFERENCES tenantra.saved_queries (tenant_id, id) ON DELETE CASCADE
);
CALL tenantra.protect('tenantra.saved_query_versions');

-- +goose Down
DROP TABLE tenantra.saved_query_versions;
DROP TABLE tenantra.saved_queries;
