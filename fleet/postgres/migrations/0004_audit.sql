-- The audit log: one hash chain for each tenant. The serving role may add entries and nothing else; audit_heads is the
-- end of each chain, locked by the transaction that adds to it.

-- +goose Up
CREATE TABLE tenantra.audit_heads (
    tenant_id int PRIMARY KEY REFERENCES tenantra.tenants (id),
    seq       bigint NOT NULL,
    hash      bytea NOT NULL CHECK (length(hash) = 32)
);
CALL tenantra.protect('tenantra.audit_heads');
REVOKE DELETE ON tenantra.audit_heads FROM tenantra_app;

CREATE TABLE tenantra.audit_entries (
    tenant_id     int NOT NULL REFERENCES tenantra.tenants (id),
    seq           bigint NOT NULL CHECK (seq > 0),
    at            timestamptz NOT NULL,
    actor_kind    text NOT NULL,
    actor_id      uuid,
    actor_name    text NOT NULL,
    on_behalf     uuid,
    grant_id      uuid,
    action        text NOT NULL,
    object        text NOT NULL,
    address       text NOT NULL,
    detail        text,            -- JSON as it was hashed; may be erased by retention, its hash stays in the chain
    detail_hash   bytea NOT NULL CHECK (length(detail_hash) = 32),
    previous_hash bytea NOT NULL CHECK (length(previous_hash) = 32),
    hash          bytea NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (tenant_id, seq)
);
CALL tenantra.protect('tenantra.audit_entries');
REVOKE UPDATE, DELETE ON tenantra.audit_entries FROM tenantra_app;
CREATE INDEX audit_entries_at ON tenantra.audit_entries (tenant_id, at);

-- +goose Down
DROP TABLE tenantra.audit_entries;
DROP TABLE tenantra.audit_heads;
