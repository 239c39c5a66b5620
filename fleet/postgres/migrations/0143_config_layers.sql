-- What people say of agents' configuration for a tenant and its subtree, for a group, or for one agent; and the versions of
-- configurations that one agent alone has.

-- +goose Up
CREATE TABLE tenantra.config_layers (
    tenant_id        int NOT NULL REFERENCES tenantra.tenants (id),
    kind             text NOT NULL CHECK (kind IN ('tenant', 'group', 'agent')),
    target           uuid NOT NULL, -- of the tenant, the group or the agent
    version          int NOT NULL,  -- from 1, one more with each change
    content          jsonb NOT NULL,
    before           jsonb NOT NULL, -- what agents outside of the canary have, and all of them where it was stopped
    canary_percent   int NOT NULL CHECK (canary_percent BETWEEN 1 AND 100),
    state            text NOT NULL CHECK (state IN ('done', 'rolling', 'stopped')),
    reason           text NOT NULL DEFAULT '', -- why it was stopped
    failing_percent  int NOT NULL CHECK (failing_percent BETWEEN 0 AND 100),
    cpu_ms_per_hour  bigint NOT NULL CHECK (cpu_ms_per_hour > 0),
    changed_by       text NOT NULL, -- for people
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, kind, target)
);
CALL tenantra.protect('tenantra.config_layers');

-- What one agent was given, where that is not what its whole tenant has; and how much it had used when it took it on.
CREATE TABLE tenantra.agent_configs (
    tenant_id      int NOT NULL,
    agent_id       int NOT NULL,
    version        bigint NOT NULL,
    content_sha256 bytea NOT NULL CHECK (length(content_sha256) = 32),
    changed_at     timestamptz NOT NULL,
    taken_at       timestamptz,
    taken_cpu_ms   bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, agent_id),
    FOREIGN KEY (tenant_id, agent_id) REFERENCES tenantra.agents (tenant_id, id)
);
CALL tenantra.protect('tenantra.agent_configs');

-- The server that watches canaries knows no tenant yet.
CREATE POLICY keeper_reads ON tenantra.config_layers FOR SELECT TO tenantra_keeper USING (true);
GRANT SELECT (tenant_id, kind, target, state) ON tenantra.config_layers TO tenantra_keeper;
-- +goose StatementBegin
CREATE FUNCTION keeper.rolling_layers() RETURNS TABLE (tenant_id int, kind text, target uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT l.tenant_id, l.kind, l.target FROM tenantra.config_layers l WHERE l.state = 'rolling' ORDER BY 1, 2, 3;
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.rolling_layers()');

-- +goose Down
DROP FUNCTION keeper.rolling_layers();
DROP TABLE tenantra.agent_configs;
DROP TABLE tenantra.config_layers;
