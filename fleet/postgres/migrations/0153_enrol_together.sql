-- Enrolments come in groups: their secrets are looked up by one call. The look-up of an agent keeps its plan, which a function
-- in SQL makes anew at every call: most of what it cost.

-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION keeper.enroll_secrets(hashes bytea[]) RETURNS TABLE (hash bytea, tenant int, tenant_public uuid, secret uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
-- Those of the secrets that enrol. One that is expired or used up is not found, like one that never was.
BEGIN
    RETURN QUERY
    SELECT s.secret_sha256, s.tenant_id, t.public_id, s.id FROM tenantra.enroll_secrets s JOIN tenantra.tenants t ON t.id = s.tenant_id
     WHERE s.secret_sha256 = ANY (hashes) AND s.uses < s.max_uses AND s.expires_at > transaction_timestamp()
       AND NOT EXISTS (SELECT FROM tenantra.tenants above WHERE above.id = ANY (t.path) AND above.status <> 'active');
END $$;
-- +goose StatementEnd
CALL keeper.keep('keeper.enroll_secrets(bytea[])');

-- keeper.enroll_secret stays: servers of the release before call it until they are replaced.
SET LOCAL ROLE tenantra_keeper; -- whose function it is
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION keeper.agent_with_keys(public uuid, OUT tenant int, OUT tenant_public uuid, OUT agent int, OUT agent_key bytea, OUT agent_next_key bytea, OUT agent_state text, OUT agent_platform text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT a.tenant_id, t.public_id, a.id, a.public_key, a.next_key, a.state, a.platform
      INTO tenant, tenant_public, agent, agent_key, agent_next_key, agent_state, agent_platform
      FROM tenantra.agents a JOIN tenantra.tenants t ON t.id = a.tenant_id
     WHERE a.public_id = public -- of the tenants above too, as for enrolment
       AND NOT EXISTS (SELECT FROM tenantra.tenants above WHERE above.id = ANY (t.path) AND above.status <> 'active');
END $$;
-- +goose StatementEnd
SET LOCAL ROLE tenantra_owner;

-- +goose Down
SET LOCAL ROLE tenantra_keeper;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION keeper.agent_with_keys(public uuid, OUT tenant int, OUT tenant_public uuid, OUT agent int, OUT agent_key bytea, OUT agent_next_key bytea, OUT agent_state text, OUT agent_platform text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT a.tenant_id, t.public_id, a.id, a.public_key, a.next_key, a.state, a.platform FROM tenantra.agents a JOIN tenantra.tenants t ON t.id = a.tenant_id
     WHERE a.public_id = public AND keeper.standing(t.path) = 'active';
END;
-- +goose StatementEnd
DROP FUNCTION keeper.enroll_secrets(bytea[]);
SET LOCAL ROLE tenantra_owner;
