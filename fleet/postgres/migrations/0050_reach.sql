-- What a person reaches: memberships from above, less what is denied, less what a suspended or archived tenant switches
-- off. Replaces keeper.resolve, which knew memberships alone, and adds to sessions when their person was last verified.
-- Functions are the keeper's; it drops them.

-- +goose Up
ALTER TABLE tenantra.tenants DROP CONSTRAINT tenants_status_check;
ALTER TABLE tenantra.tenants ADD CONSTRAINT tenants_status_check CHECK (status IN ('active', 'suspended', 'archived'));
ALTER TABLE tenantra.tenants ADD CONSTRAINT tenants_root_serves CHECK (parent_id IS NOT NULL OR status = 'active');

-- A permission that a person does not have in a tenant and below it, whatever their memberships give; '*': the tenant is
-- as if it did not exist for them.
CREATE TABLE tenantra.access_denies (
    tenant_id      int NOT NULL REFERENCES tenantra.tenants (id),
    user_tenant_id int NOT NULL,
    user_id        int NOT NULL,
    permission     text NOT NULL CHECK (length(permission) BETWEEN 1 AND 60),
    reason         text NOT NULL CHECK (length(reason) <= 500),
    created_by     text NOT NULL,
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, user_tenant_id, user_id, permission),
    FOREIGN KEY (user_tenant_id, user_id) REFERENCES tenantra.users (tenant_id, id)
);
CREATE INDEX access_denies_user ON tenantra.access_denies (user_tenant_id, user_id);
CALL tenantra.protect('tenantra.access_denies');
CREATE POLICY keeper_reads ON tenantra.access_denies FOR SELECT TO tenantra_keeper USING (true);
GRANT SELECT (tenant_id, user_tenant_id, user_id, permission) ON tenantra.access_denies TO tenantra_keeper;

-- +goose StatementBegin
CREATE FUNCTION keeper.standing(trail int[]) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    -- The status of a tenant with all above it: the worst of them.
    SELECT CASE WHEN bool_or(status = 'archived') THEN 'archived' WHEN bool_or(status = 'suspended') THEN 'suspended' ELSE 'active' END
      FROM tenantra.tenants WHERE id = ANY (trail);
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.standing(int[])');

-- +goose StatementBegin
CREATE FUNCTION keeper.reach(home int, person int, within int, wanted_id uuid, wanted_slug text, below boolean)
RETURNS TABLE (tenant_id int, public_id uuid, wanted boolean, member_of int, role text, plan text, standing text, outside boolean, denied text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    -- The wanted tenant, by id or by slug, and the tenants below it where that is asked for, each with the person's role
    -- of the nearest membership on the way up. No membership, or everything denied: no row, as if there were no such
    -- tenant. Only tenants below "within" where it is given; with no person it stands for a membership (a service
    -- token). "outside": the membership is of a tenant that is not itself suspended or archived.
    SELECT t.id, t.public_id, t.id = top.id, m.tenant_id, m.role, t.plan, keeper.standing(t.path),
           keeper.standing(holder.path) = 'active', d.permissions
      FROM tenantra.tenants top
      JOIN tenantra.tenants t ON t.id = top.id OR below AND t.path @> ARRAY[top.id]
      JOIN LATERAL (
               SELECT m.tenant_id, m.role
                 FROM tenantra.memberships m
                WHERE m.user_tenant_id = home AND m.user_id = person AND m.tenant_id = ANY (t.path)
                ORDER BY array_position(t.path, m.tenant_id) DESC
                LIMIT 1) m ON true
      JOIN tenantra.tenants holder ON holder.id = m.tenant_id
      CROSS JOIN LATERAL (
               SELECT coalesce(array_agg(DISTINCT d.permission), '{}') AS permissions
                 FROM tenantra.access_denies d
                WHERE d.user_tenant_id = home AND d.user_id = person AND d.tenant_id = ANY (t.path)) d
     WHERE (top.public_id = wanted_id OR top.slug = wanted_slug)
       AND (within IS NULL OR within = ANY (t.path))
       AND NOT '*' = ANY (d.permissions)
     UNION ALL
    SELECT t.id, t.public_id, t.id = top.id, within, '', t.plan, keeper.standing(t.path), keeper.standing(holder.path) = 'active', '{}'
      FROM tenantra.tenants top
      JOIN tenantra.tenants t ON t.id = top.id OR below AND t.path @> ARRAY[top.id]
      JOIN tenantra.tenants holder ON holder.id = within
     WHERE person IS NULL AND (top.public_id = wanted_id OR top.slug = wanted_slug) AND within = ANY (t.path);
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.reach(int, int, int, uuid, text, boolean)');
SET LOCAL ROLE tenantra_keeper;
DROP FUNCTION keeper.resolve(int, int, uuid, text);
SET LOCAL ROLE tenantra_owner;

-- When password, and second factor where there is one, were last given: what is dangerous wants them fresh.
ALTER TABLE tenantra.sessions ADD COLUMN verified_at timestamptz;
UPDATE tenantra.sessions SET verified_at = created_at;
ALTER TABLE tenantra.sessions ALTER COLUMN verified_at SET NOT NULL;
GRANT SELECT (verified_at) ON tenantra.sessions TO tenantra_keeper;

SET LOCAL ROLE tenantra_keeper;
DROP FUNCTION keeper.session_state(uuid, timestamptz);
SET LOCAL ROLE tenantra_owner;
-- +goose StatementBegin
CREATE FUNCTION keeper.session_state(wanted uuid, at timestamptz)
RETURNS TABLE (tenant_id int, user_id int, user_public_id uuid, must_change boolean, verified_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    -- A row only while the session lives, its person is active, and so is their tenant.
    SELECT s.tenant_id, s.user_id, u.public_id, c.must_change, s.verified_at
      FROM tenantra.sessions s
      JOIN tenantra.users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
      JOIN tenantra.credentials c ON c.tenant_id = s.tenant_id AND c.user_id = s.user_id
      JOIN tenantra.tenants t ON t.id = s.tenant_id
     WHERE s.public_id = wanted AND s.ended_at IS NULL AND s.expires_at > at AND u.status = 'active' AND keeper.standing(t.path) = 'active';
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.session_state(uuid, timestamptz)');

SET LOCAL ROLE tenantra_keeper;
DROP FUNCTION keeper.find_login(text);
SET LOCAL ROLE tenantra_owner;
-- +goose StatementBegin
CREATE FUNCTION keeper.find_login(wanted text)
RETURNS TABLE (tenant_id int, user_id int, public_id uuid, active boolean, hash text, must_change boolean, expires_at timestamptz, serves boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT u.tenant_id, u.id, u.public_id, u.status = 'active', c.hash, c.must_change, c.expires_at, keeper.standing(t.path) = 'active'
      FROM tenantra.users u
      JOIN tenantra.credentials c ON c.tenant_id = u.tenant_id AND c.user_id = u.id
      JOIN tenantra.tenants t ON t.id = u.tenant_id
     WHERE u.email = wanted;
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.find_login(text)');

-- +goose StatementBegin
CREATE FUNCTION keeper.powerful(home int, person int) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    -- Whether the person has, anywhere, a role over other tenants.
    SELECT EXISTS (SELECT FROM tenantra.memberships m
                    WHERE m.user_tenant_id = home AND m.user_id = person AND m.role IN ('SUPER_ADMIN', 'MSP_ADMIN'));
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.powerful(int, int)');

-- +goose Down
SET LOCAL ROLE tenantra_keeper;
DROP FUNCTION keeper.powerful(int, int);
DROP FUNCTION keeper.find_login(text);
SET LOCAL ROLE tenantra_owner;
-- +goose StatementBegin
CREATE FUNCTION keeper.find_login(wanted text)
RETURNS TABLE (tenant_id int, user_id int, public_id uuid, active boolean, hash text, must_change boolean, expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT u.tenant_id, u.id, u.public_id, u.status = 'active', c.hash, c.must_change, c.expires_at
      FROM tenantra.users u JOIN tenantra.credentials c ON c.tenant_id = u.tenant_id AND c.user_id = u.id
     WHERE u.email = wanted;
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.find_login(text)');
SET LOCAL ROLE tenantra_keeper;
DROP FUNCTION keeper.session_state(uuid, timestamptz);
SET LOCAL ROLE tenantra_owner;
-- +goose StatementBegin
CREATE FUNCTION keeper.session_state(wanted uuid, at timestamptz)
RETURNS TABLE (tenant_id int, user_id int, user_public_id uuid, must_change boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT s.tenant_id, s.user_id, u.public_id, c.must_change
      FROM tenantra.sessions s
      JOIN tenantra.users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
      JOIN tenantra.credentials c ON c.tenant_id = s.tenant_id AND c.user_id = s.user_id
     WHERE s.public_id = wanted AND s.ended_at IS NULL AND s.expires_at > at AND u.status = 'active';
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.session_state(uuid, timestamptz)');
ALTER TABLE tenantra.sessions DROP COLUMN verified_at;
SET LOCAL ROLE tenantra_keeper;
DROP FUNCTION keeper.reach(int, int, int, uuid, text, boolean);
DROP FUNCTION keeper.standing(int[]);
SET LOCAL ROLE tenantra_owner;
-- +goose StatementBegin
CREATE FUNCTION keeper.resolve(home int, person int, wanted_id uuid, wanted_slug text)
RETURNS TABLE (tenant_id int, public_id uuid, role text, plan text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT t.id, t.public_id, m.role, t.plan
      FROM tenantra.tenants t
      JOIN LATERAL (
               SELECT m.role
                 FROM tenantra.memberships m
                WHERE m.user_tenant_id = home AND m.user_id = person AND m.tenant_id = ANY (t.path)
                ORDER BY array_position(t.path, m.tenant_id) DESC
                LIMIT 1) m ON true
     WHERE t.public_id = wanted_id OR t.slug = wanted_slug;
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.resolve(int, int, uuid, text)');
DROP TABLE tenantra.access_denies;
ALTER TABLE tenantra.tenants DROP CONSTRAINT tenants_root_serves;
UPDATE tenantra.tenants SET status = 'suspended' WHERE status = 'archived';
ALTER TABLE tenantra.tenants DROP CONSTRAINT tenants_status_check;
ALTER TABLE tenantra.tenants ADD CONSTRAINT tenants_status_check CHECK (status IN ('active', 'suspended'));
