-- Groups of agents. A group and the list of its members belong to a tenant; the members are agents of its subtree.

-- +goose Up
CREATE TABLE tenantra.agent_groups (
    tenant_id        int NOT NULL REFERENCES tenantra.tenants (id),
    id               uuid NOT NULL,
    name             text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    description      text NOT NULL DEFAULT '',
    kind             text NOT NULL CHECK (kind IN ('fixed', 'sql', 'expr')),
    rule             text NOT NULL DEFAULT '',
    evaluated_at     timestamptz,
    error            text NOT NULL DEFAULT '', -- why the last evaluation failed; the members stay as they were
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CHECK ((kind = 'fixed') = (rule = ''))
);
CREATE UNIQUE INDEX agent_groups_name ON tenantra.agent_groups (tenant_id, name);
CREATE INDEX agent_groups_id ON tenantra.agent_groups (id);
CALL tenantra.protect('tenantra.agent_groups');

CREATE TABLE tenantra.agent_group_members (
    tenant_id    int NOT NULL,
    group_id     uuid NOT NULL,
    agent_tenant int NOT NULL,
    agent_id     int NOT NULL,
    since        timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, group_id, agent_tenant, agent_id),
    FOREIGN KEY (tenant_id, group_id) REFERENCES tenantra.agent_groups (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX agent_group_members_of_agent ON tenantra.agent_group_members (tenant_id, agent_tenant, agent_id);
CALL tenantra.protect('tenantra.agent_group_members');

-- The server that keeps memberships current knows no tenant yet.
CREATE POLICY keeper_reads ON tenantra.agent_groups FOR SELECT TO tenantra_keeper USING (true);
GRANT SELECT (tenant_id, id, kind, evaluated_at) ON tenantra.agent_groups TO tenantra_keeper;
-- +goose StatementBegin
CREATE FUNCTION keeper.stale_groups(before timestamptz) RETURNS TABLE (tenant_id int, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT g.tenant_id, g.id FROM tenantra.agent_groups g
     WHERE g.kind <> 'fixed' AND (g.evaluated_at IS NULL OR g.evaluated_at < before)
     ORDER BY g.evaluated_at NULLS FIRST LIMIT 200;
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.stale_groups(timestamptz)');

-- +goose Down
DROP FUNCTION keeper.stale_groups(timestamptz);
DROP TABLE tenantra.agent_group_members;
DROP TABLE tenantra.agent_groups;
