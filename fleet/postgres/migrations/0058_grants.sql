-- Grants of access: somebody who manages a tenant from above acts in it for a while, as one of its people or with a role,
-- for a reason that the tenant can read. The id is the msp_scope_token that marks every action in the audit log.

-- +goose Up
CREATE TABLE tenantra.access_grants (
    tenant_id       int NOT NULL REFERENCES tenantra.tenants (id), -- acted in
    public_id       uuid NOT NULL,
    actor_id        uuid NOT NULL,
    actor_name      text NOT NULL,
    session_id      uuid NOT NULL,       -- of the actor: it ends with it
    user_id         int,                 -- acted for, of this tenant; NULL: with a role
    role            text NOT NULL,
    reason          text NOT NULL CHECK (length(reason) BETWEEN 10 AND 500),
    started_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    ended_at        timestamptz,
    ended_by        text,
    PRIMARY KEY (tenant_id, public_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES tenantra.users (tenant_id, id)
);
CREATE INDEX access_grants_public_id ON tenantra.access_grants (public_id);
CALL tenantra.protect('tenantra.access_grants');
CREATE POLICY keeper_reads ON tenantra.access_grants FOR SELECT TO tenantra_keeper USING (true);
GRANT SELECT ON tenantra.access_grants TO tenantra_keeper;

-- +goose StatementBegin
CREATE FUNCTION keeper.grant_state(wanted uuid, at timestamptz)
RETURNS TABLE (tenant_id int, tenant_public_id uuid, actor_id uuid, session_id uuid, user_id int, user_public_id uuid, role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    -- A row only while the grant holds: its time is not over, nobody ended it, the tenant serves, its person is active.
    SELECT g.tenant_id, t.public_id, g.actor_id, g.session_id, g.user_id, u.public_id, g.role
      FROM tenantra.access_grants g
      JOIN tenantra.tenants t ON t.id = g.tenant_id
      LEFT JOIN tenantra.users u ON u.tenant_id = g.tenant_id AND u.id = g.user_id
     WHERE g.public_id = wanted AND g.ended_at IS NULL AND g.expires_at > at AND keeper.standing(t.path) = 'active'
       AND (g.user_id IS NULL OR u.status = 'active');
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.grant_state(uuid, timestamptz)');

-- +goose Down
SET LOCAL ROLE tenantra_keeper;
DROP FUNCTION keeper.grant_state(uuid, timestamptz);
SET LOCAL ROLE tenantra_owner;
DROP TABLE tenantra.access_grants;
