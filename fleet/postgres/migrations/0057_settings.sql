-- What tenants say about themselves and, where they lock it or say nothing else below, about all below them.

-- +goose Up
CREATE TABLE tenantra.settings (
    tenant_id        int NOT NULL REFERENCES tenantra.tenants (id),
    key              text NOT NULL CHECK (length(key) BETWEEN 1 AND 120),
    value            text NOT NULL CHECK (length(value) <= 1048576), -- JSON
    locked           boolean NOT NULL,                               -- tenants below cannot say otherwise
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, key)
);
CALL tenantra.protect('tenantra.settings');

-- +goose StatementBegin
CREATE FUNCTION keeper.standing_of(wanted int) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT keeper.standing(t.path) FROM tenantra.tenants t WHERE t.id = wanted;
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.standing_of(int)');

-- +goose Down
SET LOCAL ROLE tenantra_keeper;
DROP FUNCTION keeper.standing_of(int);
SET LOCAL ROLE tenantra_owner;
DROP TABLE tenantra.settings;
