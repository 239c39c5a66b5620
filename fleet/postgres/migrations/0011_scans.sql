-- What agents are asked on a schedule. Packs and schedules hold for a tenant and its subtree, the nearest counts.

-- +goose Up

CREATE TABLE tenantra.packs (
    tenant_id        int NOT NULL REFERENCES tenantra.tenants (id),
    name             text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    yaml             text NOT NULL,
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, name)
);
CALL tenantra.protect('tenantra.packs');

-- Whether a pack runs. It may name a pack of the product or of a tenant above.
CREATE TABLE tenantra.pack_schedules (
    tenant_id        int NOT NULL REFERENCES tenantra.tenants (id),
    pack             text NOT NULL CHECK (length(pack) BETWEEN 1 AND 100),
    enabled          boolean NOT NULL,
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, pack)
);
CALL tenantra.protect('tenantra.pack_schedules');

-- The version of what a tenant's agents of a platform are to do: it grows when, and only when, the content changes.
CREATE TABLE tenantra.config_versions (
    tenant_id      int NOT NULL REFERENCES tenantra.tenants (id),
    platform       text NOT NULL CHECK (platform IN ('linux', 'darwin', 'windows')),
    version        bigint NOT NULL,
    content_sha256 bytea NOT NULL CHECK (length(content_sha256) = 32),
    changed_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, platform)
);
CALL tenantra.protect('tenantra.config_versions');

-- +goose Down
DROP TABLE tenantra.config_versions;
DROP TABLE tenantra.pack_schedules;
DROP TABLE tenantra.packs;
