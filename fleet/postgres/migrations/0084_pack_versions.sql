-- Every text that a tenant's pack has had, so that it can be compared and brought back. A deleted pack keeps them.

-- +goose Up
CREATE TABLE tenantra.pack_versions (
    tenant_id  int NOT NULL REFERENCES tenantra.tenants (id),
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    number     int NOT NULL, -- from 1
    yaml       text NOT NULL,
    created_by text NOT NULL,
    saved_by   text NOT NULL, -- for people
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, name, number)
);
CALL tenantra.protect('tenantra.pack_versions');
INSERT INTO tenantra.pack_versions (tenant_id, name, number, yaml, created_by, saved_by, created_at)
SELECT tenant_id, name, 1, yaml, last_modified_by, last_modified_by, last_modified_at FROM tenantra.packs;

-- +goose Down
DROP TABLE tenantra.pack_versions;
