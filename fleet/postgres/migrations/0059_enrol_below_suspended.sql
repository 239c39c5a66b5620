-- A tenant below one that is suspended or archived enrols nobody either.

-- +goose Up
SET LOCAL ROLE tenantra_keeper; -- whose function it is
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION keeper.enroll_secret(hash bytea, OUT tenant int, OUT tenant_public uuid, OUT secret uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT s.tenant_id, t.public_id, s.id FROM tenantra.enroll_secrets s JOIN tenantra.tenants t ON t.id = s.tenant_id
     WHERE s.secret_sha256 = hash AND s.uses < s.max_uses AND s.expires_at > transaction_timestamp() AND keeper.standing(t.path) = 'active';
END;
-- +goose StatementEnd
SET LOCAL ROLE tenantra_owner;

-- +goose Down
SET LOCAL ROLE tenantra_keeper;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION keeper.enroll_secret(hash bytea, OUT tenant int, OUT tenant_public uuid, OUT secret uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT s.tenant_id, t.public_id, s.id FROM tenantra.enroll_secrets s JOIN tenantra.tenants t ON t.id = s.tenant_id
     WHERE s.secret_sha256 = hash AND s.uses < s.max_uses AND s.expires_at > transaction_timestamp() AND t.status = 'active';
END;
-- +goose StatementEnd
SET LOCAL ROLE tenantra_owner;
