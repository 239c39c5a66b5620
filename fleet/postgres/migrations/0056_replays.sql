-- Answers to calls with an Idempotency-Key: a repeated call gets the answer of the first and does nothing.

-- +goose Up
CREATE TABLE tenantra.replays (
    tenant_id   int NOT NULL REFERENCES tenantra.tenants (id),
    actor       text NOT NULL,
    key_hash    bytea NOT NULL CHECK (length(key_hash) = 32),
    fingerprint bytea NOT NULL CHECK (length(fingerprint) = 32), -- of operation, address and body
    created_at  timestamptz NOT NULL,
    status      int,                      -- of the answer; NULL while the first call runs
    etag        text,
    answer      text,                     -- sealed, for it may hold a secret that is shown once
    PRIMARY KEY (tenant_id, actor, key_hash)
);
CREATE INDEX replays_created_at ON tenantra.replays (tenant_id, created_at);
CALL tenantra.protect('tenantra.replays');

-- +goose Down
DROP TABLE tenantra.replays;
