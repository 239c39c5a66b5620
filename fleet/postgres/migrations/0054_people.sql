-- Links by which people set a password (invitations, resets), and who has rights at a tenant.

-- +goose Up
CREATE TABLE tenantra.account_links (
    tenant_id  int NOT NULL,                 -- the person's home
    public_id  uuid NOT NULL,
    user_id    int NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('invite', 'reset')),
    hash       bytea NOT NULL CHECK (length(hash) = 32),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at   timestamptz,                  -- used, or void because something else was
    PRIMARY KEY (tenant_id, public_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES tenantra.users (tenant_id, id)
);
CREATE INDEX account_links_hash ON tenantra.account_links (hash);
CREATE INDEX account_links_user ON tenantra.account_links (tenant_id, user_id);
CALL tenantra.protect('tenantra.account_links');
CREATE POLICY keeper_reads ON tenantra.account_links FOR SELECT TO tenantra_keeper USING (true);
GRANT SELECT (tenant_id, public_id, hash) ON tenantra.account_links TO tenantra_keeper;

-- +goose StatementBegin
CREATE FUNCTION keeper.find_link(wanted bytea) RETURNS TABLE (tenant_id int, public_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT l.tenant_id, l.public_id FROM tenantra.account_links l WHERE l.hash = wanted LIMIT 1;
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.find_link(bytea)');

-- +goose StatementBegin
CREATE FUNCTION keeper.home_of(person uuid, address text) RETURNS TABLE (public_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    -- The tenant that a person belongs to, by their id or e-mail address.
    SELECT t.public_id FROM tenantra.users u JOIN tenantra.tenants t ON t.id = u.tenant_id WHERE u.public_id = person OR u.email = address;
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.home_of(uuid, text)');

-- +goose StatementBegin
CREATE FUNCTION keeper.user_home(person uuid) RETURNS TABLE (tenant_id int, tenant_public_id uuid, user_id int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT u.tenant_id, t.public_id, u.id
      FROM tenantra.users u JOIN tenantra.tenants t ON t.id = u.tenant_id
     WHERE u.public_id = person;
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.user_home(uuid)');
CREATE INDEX users_by_public_id ON tenantra.users (public_id);

-- +goose StatementBegin
CREATE FUNCTION keeper.people_at(wanted int)
RETURNS TABLE (home int, user_id int, public_id uuid, email text, name text, active boolean, role text, member_of int, member_public_id uuid,
               member_name text, denied text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    -- Everybody who has a role at a tenant of the scope, by their nearest membership. It names people of tenants above:
    -- whose data it is may know who can read it.
    SELECT n.user_tenant_id, n.user_id, u.public_id, u.email, u.name, u.status = 'active', n.role, n.tenant_id, h.public_id, h.name,
           ARRAY(SELECT DISTINCT d.permission FROM tenantra.access_denies d
                  WHERE d.user_tenant_id = n.user_tenant_id AND d.user_id = n.user_id AND d.tenant_id = ANY (n.path) ORDER BY 1)
      FROM (SELECT DISTINCT ON (m.user_tenant_id, m.user_id) m.user_tenant_id, m.user_id, m.tenant_id, m.role, t.path
              FROM tenantra.tenants t JOIN tenantra.memberships m ON m.tenant_id = ANY (t.path)
             WHERE t.id = wanted AND t.id = ANY (keeper.visible())
             ORDER BY m.user_tenant_id, m.user_id, array_position(t.path, m.tenant_id) DESC) n
      JOIN tenantra.users u ON u.tenant_id = n.user_tenant_id AND u.id = n.user_id
      JOIN tenantra.tenants h ON h.id = n.tenant_id;
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.people_at(int)');
GRANT SELECT (name) ON tenantra.users TO tenantra_keeper;

-- +goose Down
SET LOCAL ROLE tenantra_keeper;
DROP FUNCTION keeper.people_at(int);
DROP FUNCTION keeper.user_home(uuid);
DROP FUNCTION keeper.home_of(uuid, text);
DROP FUNCTION keeper.find_link(bytea);
SET LOCAL ROLE tenantra_owner;
DROP INDEX tenantra.users_by_public_id;
DROP TABLE tenantra.account_links;
