-- The keys that seal tenants' secrets, each wrapped by the installation's key-encryption key, which is not in the database.

-- +goose Up
CREATE TABLE tenantra.tenant_keys (
    tenant_id  int NOT NULL REFERENCES tenantra.tenants (id),
    key_id     text NOT NULL CHECK (key_id ~ '^[A-Za-z0-9_-]{12}$'),
    kek_id     text NOT NULL,
    wrapped    text NOT NULL,
    created_at timestamptz NOT NULL,
    retired_at timestamptz, -- when another key took its place; it opens what it sealed until nothing is left of that
    PRIMARY KEY (tenant_id, key_id)
);
CREATE UNIQUE INDEX tenant_keys_current ON tenantra.tenant_keys (tenant_id) WHERE retired_at IS NULL;
CALL tenantra.protect('tenantra.tenant_keys');

-- +goose Down
DROP TABLE tenantra.tenant_keys;
