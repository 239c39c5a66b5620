-- +goose Up
-- Each tenant's config keys: the private half is sealed by a key outside of the database, the certificate is signed by
-- the installation's root key.
CREATE TABLE tenantra.config_keys (
    tenant_id   int NOT NULL REFERENCES tenantra.tenants (id),
    key_id      uuid NOT NULL,
    private_key text NOT NULL,
    certificate bytea NOT NULL,
    signature   bytea NOT NULL,
    not_after   timestamptz NOT NULL,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, key_id)
);
CALL tenantra.protect('tenantra.config_keys');

-- +goose StatementBegin
CREATE FUNCTION keeper.tenant_by_public_id(wanted uuid) RETURNS int
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT id FROM tenantra.tenants WHERE public_id = wanted;
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.tenant_by_public_id(uuid)');

-- +goose Down
DROP FUNCTION keeper.tenant_by_public_id(uuid);
DROP TABLE tenantra.config_keys;
