-- How great a tenant's risk is, day by day, by weights that the tenant has set, and which assets matter more.

-- +goose Up
CREATE TABLE tenantra.risk_weights (
    tenant_id  int NOT NULL REFERENCES tenantra.tenants (id),
    version    int NOT NULL CHECK (version > 0), -- a change makes a new one: figures by different weights are not compared
    weights    text NOT NULL CHECK (length(weights) <= 65536), -- JSON
    reason     text NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, version)
);
CALL tenantra.protect('tenantra.risk_weights');
REVOKE UPDATE, DELETE ON tenantra.risk_weights FROM tenantra_app;

CREATE TABLE tenantra.asset_importance (
    tenant_id        int NOT NULL,
    agent_id         int NOT NULL,
    importance       smallint NOT NULL CHECK (importance BETWEEN 1 AND 5),
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, agent_id),
    FOREIGN KEY (tenant_id, agent_id) REFERENCES tenantra.agents (tenant_id, id)
);
CALL tenantra.protect('tenantra.asset_importance');

-- One row a day: the score by the weights that held then.
CREATE TABLE tenantra.risk_days (
    tenant_id       int NOT NULL REFERENCES tenantra.tenants (id),
    day             date NOT NULL,
    score           real NOT NULL,
    assets          int NOT NULL,
    low             int NOT NULL, -- open findings by severity
    medium          int NOT NULL,
    high            int NOT NULL,
    critical        int NOT NULL,
    weights_version int NOT NULL,
    PRIMARY KEY (tenant_id, day)
);
CALL tenantra.protect('tenantra.risk_days');

-- +goose Down
DROP TABLE tenantra.risk_days;
DROP TABLE tenantra.asset_importance;
DROP TABLE tenantra.risk_weights;
