-- Agents that are stock osqueryd: the keys by which they are known, and when a live query was handed to one that polled.

-- +goose Up
CREATE TABLE tenantra.osquery_nodes (
    tenant_id       int NOT NULL,
    agent_id        int NOT NULL,
    key_sha256      bytea NOT NULL CHECK (length(key_sha256) = 32),
    host_identifier text NOT NULL,
    epoch           bigint NOT NULL,           -- of the schedule: Unix time since when the node compares; a new one has it tell all anew
    config_version  bigint NOT NULL DEFAULT 0, -- that the node was told of last
    enrolled_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, agent_id),
    FOREIGN KEY (tenant_id, agent_id) REFERENCES tenantra.agents (tenant_id, id)
);
CREATE INDEX osquery_nodes_key ON tenantra.osquery_nodes (key_sha256); -- for the look-up before a tenant is known
CALL tenantra.protect('tenantra.osquery_nodes');
CREATE POLICY keeper_reads ON tenantra.osquery_nodes FOR SELECT TO tenantra_keeper USING (true);
GRANT SELECT ON tenantra.osquery_nodes TO tenantra_keeper;

ALTER TABLE tenantra.live_query_agents ADD COLUMN handed_at timestamptz;

-- +goose StatementBegin
CREATE FUNCTION keeper.osquery_node(hash bytea, OUT agent_public uuid, OUT host text, OUT epoch bigint, OUT config_version bigint, OUT enrolled_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT a.public_id, n.host_identifier, n.epoch, n.config_version, n.enrolled_at
      FROM tenantra.osquery_nodes n JOIN tenantra.agents a ON a.tenant_id = n.tenant_id AND a.id = n.agent_id
     WHERE n.key_sha256 = hash;
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.osquery_node(bytea)');

-- +goose StatementBegin
CREATE FUNCTION keeper.open_questions(tenant int, agent int, at timestamptz) RETURNS TABLE (id uuid, sql text, timeout_seconds int, wait_seconds int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    -- The questions that an agent of the scope has not answered. They may belong to a tenant above, which its scope does not
    -- see. keeper.questions_for leaves out those that do not wait.
    SELECT q.id, q.sql, q.timeout_seconds, q.wait_seconds
      FROM tenantra.live_query_agents a JOIN tenantra.live_queries q ON q.id = a.query_id
     WHERE a.tenant_id = tenant AND a.agent_id = agent AND tenant = ANY (keeper.visible())
       AND a.outcome IN ('waiting', 'running') AND q.state = 'running' AND q.deadline > at
     ORDER BY q.id LIMIT 64;
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.open_questions(int, int, timestamptz)');

-- +goose Down
DROP FUNCTION keeper.open_questions(int, int, timestamptz);
DROP FUNCTION keeper.osquery_node(bytea);
ALTER TABLE tenantra.live_query_agents DROP COLUMN handed_at;
DROP TABLE tenantra.osquery_nodes;
