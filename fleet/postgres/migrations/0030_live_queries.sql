-- +goose Up
-- A live query is a campaign: the question, a ledger line for each agent asked, and the answers in parts. The question
-- belongs to the tenant that asked; ledger lines and answers belong to the tenant of the agent.
CREATE TABLE tenantra.live_queries (
  tenant_id        integer     NOT NULL REFERENCES tenantra.tenants (id),
  id               uuid        NOT NULL,
  sql              text        NOT NULL,
  timeout_seconds  integer     NOT NULL,
  state            text        NOT NULL CHECK (state IN ('running', 'done', 'cancelled')),
  created_by       text        NOT NULL,
  created_by_name  text        NOT NULL,
  created_at       timestamptz NOT NULL,
  last_modified_by text        NOT NULL,
  last_modified_at timestamptz NOT NULL,
  deadline         timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX live_queries_recent ON tenantra.live_queries (tenant_id, created_at DESC, id);
CREATE INDEX live_queries_overdue ON tenantra.live_queries (tenant_id, deadline) WHERE state = 'running';

CREATE TABLE tenantra.live_query_agents (
  tenant_id   integer     NOT NULL REFERENCES tenantra.tenants (id),
  query_id    uuid        NOT NULL,
  agent_id    integer     NOT NULL,
  public_id   uuid        NOT NULL,
  hostname    text        NOT NULL,
  outcome     text        NOT NULL CHECK (outcome IN ('running', 'with_rows', 'no_rows', 'failed', 'timed_out', 'offline', 'refused')),
  row_count   bigint      NOT NULL DEFAULT 0,
  duration_ms bigint      NOT NULL DEFAULT 0,
  cpu_ms      bigint      NOT NULL DEFAULT 0,
  error       text        NOT NULL DEFAULT '',
  asked_at    timestamptz NOT NULL,
  answered_at timestamptz,
  PRIMARY KEY (tenant_id, query_id, agent_id)
);

CREATE TABLE tenantra.live_query_parts (
  tenant_id   integer     NOT NULL REFERENCES tenantra.tenants (id),
  query_id    uuid        NOT NULL,
  agent_id    integer     NOT NULL,
  part        integer     NOT NULL,
  columns     text[]      NOT NULL,
  row_count   integer     NOT NULL,
  rows        text        NOT NULL, -- a JSON array of arrays, as it came
  received_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, query_id, agent_id, part)
);
CALL tenantra.protect('tenantra.live_queries');
CALL tenantra.protect('tenantra.live_query_agents');
CALL tenantra.protect('tenantra.live_query_parts');

-- The server that sweeps overdue campaigns knows no tenant yet: it gets ids only, and finishes each in its own scope.
CREATE POLICY keeper_reads ON tenantra.live_queries FOR SELECT TO tenantra_keeper USING (true);
GRANT SELECT ON tenantra.live_queries TO tenantra_keeper;
-- +goose StatementBegin
CREATE FUNCTION keeper.overdue_live_queries(at timestamptz) RETURNS TABLE (tenant_id int, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT q.tenant_id, q.id FROM tenantra.live_queries q WHERE q.state = 'running' AND q.deadline < at ORDER BY q.deadline LIMIT 1000;
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.overdue_live_queries(timestamptz)');

-- +goose Down
DROP FUNCTION keeper.overdue_live_queries(timestamptz);
DROP TABLE tenantra.live_query_parts;
DROP TABLE tenantra.live_query_agents;
DROP TABLE tenantra.live_queries;
