-- API tokens: for a person (what they may do, no more) or for a tenant (a service, with a role of its own). The token
-- itself is never stored, only its hash.

-- +goose Up
CREATE TABLE tenantra.api_tokens (
    tenant_id      int NOT NULL REFERENCES tenantra.tenants (id), -- it reaches this tenant and those below
    public_id      uuid NOT NULL,
    hash           bytea NOT NULL CHECK (length(hash) = 32),
    hint           text NOT NULL,           -- its last four characters
    name           text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    user_tenant_id int,                     -- of a person's token: whose
    user_id        int,
    role           text CHECK (role IN ('ADMIN', 'MANAGER', 'USER', 'READONLY', 'BILLING_VIEWER')), -- of a service's token
    permissions    text[] NOT NULL CHECK (cardinality(permissions) > 0),
    addresses      text[] NOT NULL,         -- networks that it may be used from; none: from everywhere
    expires_at     timestamptz NOT NULL,
    last_used_at   timestamptz,
    last_address   text,
    revoked_at     timestamptz,
    revoked_by     text,
    created_by     text NOT NULL,
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, public_id),
    FOREIGN KEY (user_tenant_id, user_id) REFERENCES tenantra.users (tenant_id, id),
    CHECK ((user_id IS NULL) = (user_tenant_id IS NULL)),
    CHECK ((user_id IS NULL) = (role IS NOT NULL))
);
CREATE UNIQUE INDEX api_tokens_hash ON tenantra.api_tokens (tenant_id, hash);
CREATE INDEX api_tokens_by_hash ON tenantra.api_tokens (hash);
CREATE INDEX api_tokens_public_id ON tenantra.api_tokens (public_id);
CREATE INDEX api_tokens_user ON tenantra.api_tokens (user_tenant_id, user_id);
CALL tenantra.protect('tenantra.api_tokens');
CREATE POLICY keeper_reads ON tenantra.api_tokens FOR SELECT TO tenantra_keeper USING (true);
CREATE POLICY keeper_touches ON tenantra.api_tokens FOR UPDATE TO tenantra_keeper USING (true) WITH CHECK (true);
GRANT SELECT ON tenantra.api_tokens TO tenantra_keeper;
GRANT UPDATE (last_used_at, last_address) ON tenantra.api_tokens TO tenantra_keeper;

-- +goose StatementBegin
CREATE FUNCTION keeper.find_token(wanted bytea) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT t.public_id FROM tenantra.api_tokens t WHERE t.hash = wanted LIMIT 1;
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.find_token(bytea)');

-- +goose StatementBegin
CREATE FUNCTION keeper.token_state(wanted uuid, at timestamptz)
RETURNS TABLE (tenant_id int, tenant_public_id uuid, plan text, user_tenant_id int, user_id int, user_public_id uuid, role text,
               permissions text[], addresses text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    -- A row only while the token holds: not expired, not revoked, its tenant in service, its person active.
    SELECT k.tenant_id, t.public_id, t.plan, k.user_tenant_id, k.user_id, u.public_id, k.role, k.permissions, k.addresses
      FROM tenantra.api_tokens k
      JOIN tenantra.tenants t ON t.id = k.tenant_id
      LEFT JOIN tenantra.users u ON u.tenant_id = k.user_tenant_id AND u.id = k.user_id
      LEFT JOIN tenantra.tenants h ON h.id = k.user_tenant_id
     WHERE k.public_id = wanted AND k.revoked_at IS NULL AND k.expires_at > at AND keeper.standing(t.path) = 'active'
       AND (k.user_id IS NULL OR u.status = 'active' AND keeper.standing(h.path) = 'active');
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.token_state(uuid, timestamptz)');

-- +goose StatementBegin
CREATE FUNCTION keeper.touch_token(wanted uuid, address text, at timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    -- At most once a minute, so that a busy token does not write on each call.
    UPDATE tenantra.api_tokens SET last_used_at = at, last_address = address
     WHERE public_id = wanted AND (last_used_at IS NULL OR last_used_at < at - interval '1 minute');
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.touch_token(uuid, text, timestamptz)');

-- +goose StatementBegin
CREATE FUNCTION keeper.token_tenants(home int, person uuid) RETURNS TABLE (user_id int, tenants int[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    -- A person's key, and the tenants that tokens of theirs are for: their home first.
    SELECT u.id, home || coalesce((SELECT array_agg(DISTINCT k.tenant_id) FROM tenantra.api_tokens k
                                    WHERE k.user_tenant_id = home AND k.user_id = u.id AND k.tenant_id <> home), '{}')
      FROM tenantra.users u
     WHERE u.tenant_id = home AND u.public_id = person;
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.token_tenants(int, uuid)');

-- +goose StatementBegin
CREATE FUNCTION keeper.user_key(home int, person uuid) RETURNS int
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT u.id FROM tenantra.users u WHERE u.tenant_id = home AND u.public_id = person;
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.user_key(int, uuid)');

-- +goose Down
SET LOCAL ROLE tenantra_keeper;
DROP FUNCTION keeper.user_key(int, uuid);
DROP FUNCTION keeper.token_tenants(int, uuid);
DROP FUNCTION keeper.touch_token(uuid, text, timestamptz);
DROP FUNCTION keeper.token_state(uuid, timestamptz);
DROP FUNCTION keeper.find_token(bytea);
SET LOCAL ROLE tenantra_owner;
DROP TABLE tenantra.api_tokens;
