-- What changes on machines, as far as it counts: the values of watched collections, who has them, what came and went, and
-- what is expected.

-- +goose Up
CREATE TABLE tenantra.drift_policies (
    tenant_id        int PRIMARY KEY REFERENCES tenantra.tenants (id),
    yaml             text NOT NULL CHECK (length(yaml) <= 262144),
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    last_modified_at timestamptz NOT NULL
);
CALL tenantra.protect('tenantra.drift_policies');

-- value_id is a digest of the collection's name and the value, alike in all tenants, so that a parent can count.
CREATE TABLE tenantra.drift_values (
    tenant_id     int NOT NULL,
    collection_id int NOT NULL,
    value_id      bytea NOT NULL CHECK (length(value_id) = 16),
    value         text NOT NULL, -- JSON array in the order of the policy's columns
    first_seen_at timestamptz NOT NULL,
    first_agent   int NOT NULL,
    PRIMARY KEY (tenant_id, collection_id, value_id),
    FOREIGN KEY (tenant_id, collection_id) REFERENCES tenantra.collections (tenant_id, id)
);
CALL tenantra.protect('tenantra.drift_values');

CREATE TABLE tenantra.drift_holders (
    tenant_id     int NOT NULL,
    collection_id int NOT NULL,
    agent_id      int NOT NULL,
    value_id      bytea NOT NULL,
    since         timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, collection_id, agent_id, value_id)
);
CREATE INDEX drift_holders_by_value ON tenantra.drift_holders (tenant_id, collection_id, value_id);
CALL tenantra.protect('tenantra.drift_holders');

-- Up to where an agent's collection was looked at, and by which columns. Without one, what is there is no change.
CREATE TABLE tenantra.drift_marks (
    tenant_id     int NOT NULL,
    collection_id int NOT NULL,
    agent_id      int NOT NULL,
    at            timestamptz NOT NULL,
    watch         bytea NOT NULL,
    PRIMARY KEY (tenant_id, collection_id, agent_id)
);
CALL tenantra.protect('tenantra.drift_marks');

CREATE TABLE tenantra.drift_events (
    tenant_id     int NOT NULL,
    collection_id int NOT NULL,
    agent_id      int NOT NULL,
    at            timestamptz NOT NULL,
    seq           int NOT NULL,
    change        text NOT NULL CHECK (change IN ('added', 'removed', 'changed')),
    value_id      bytea NOT NULL,
    was_id        bytea, -- of a change
    is_new        boolean NOT NULL,
    others        int NOT NULL,
    fleet         int NOT NULL,
    PRIMARY KEY (tenant_id, collection_id, agent_id, at, seq)
);
CREATE INDEX drift_events_recent ON tenantra.drift_events (tenant_id, at);
CALL tenantra.protect('tenantra.drift_events');

CREATE TABLE tenantra.drift_baselines (
    tenant_id        int NOT NULL REFERENCES tenantra.tenants (id),
    id               uuid NOT NULL,
    name             text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    collection_id    int NOT NULL,
    agent_id         int,  -- of one agent; NULL for all, or those with the tag
    tag              text NOT NULL,
    mode             text NOT NULL CHECK (mode IN ('pinned', 'learned')),
    learned_from     timestamptz NOT NULL,
    learned_to       timestamptz NOT NULL,
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, collection_id) REFERENCES tenantra.collections (tenant_id, id)
);
CREATE UNIQUE INDEX drift_baselines_name ON tenantra.drift_baselines (tenant_id, name);
CALL tenantra.protect('tenantra.drift_baselines');

CREATE TABLE tenantra.drift_baseline_values (
    tenant_id   int NOT NULL,
    baseline_id uuid NOT NULL,
    value_id    bytea NOT NULL,
    PRIMARY KEY (tenant_id, baseline_id, value_id),
    FOREIGN KEY (tenant_id, baseline_id) REFERENCES tenantra.drift_baselines (tenant_id, id) ON DELETE CASCADE
);
CALL tenantra.protect('tenantra.drift_baseline_values');

-- +goose Down
DROP TABLE tenantra.drift_baseline_values;
DROP TABLE tenantra.drift_baselines;
DROP TABLE tenantra.drift_events;
DROP TABLE tenantra.drift_marks;
DROP TABLE tenantra.drift_holders;
DROP TABLE tenantra.drift_values;
DROP TABLE tenantra.drift_policies;
