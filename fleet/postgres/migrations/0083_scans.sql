-- A scan is a run that a person triggers: collections of chosen agents are told at once. The scan belongs to the tenant that
-- asked; its ledger and results lie with the tenants of the agents.

-- +goose Up
CREATE TABLE tenantra.scan_runs (
    tenant_id        int NOT NULL REFERENCES tenantra.tenants (id),
    id               uuid NOT NULL,
    collections      text[] NOT NULL,
    state            text NOT NULL CHECK (state IN ('running', 'done', 'cancelled')),
    created_by_name  text NOT NULL,
    deadline         timestamptz NOT NULL,
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX scan_runs_running ON tenantra.scan_runs (deadline) WHERE state = 'running';
CALL tenantra.protect('tenantra.scan_runs');

CREATE TABLE tenantra.scan_run_agents (
    tenant_id   int NOT NULL REFERENCES tenantra.tenants (id),
    scan_id     uuid NOT NULL,
    agent_id    int NOT NULL,
    public_id   uuid NOT NULL,
    hostname    text NOT NULL,
    state       text NOT NULL CHECK (state IN ('running', 'done', 'failed', 'timed_out', 'offline', 'nothing')),
    collections text[] NOT NULL, -- what this agent is to tell
    attempts    int NOT NULL DEFAULT 1,
    due_at      timestamptz,
    asked_at    timestamptz NOT NULL,
    ended_at    timestamptz,
    PRIMARY KEY (tenant_id, scan_id, agent_id)
);
CREATE INDEX scan_run_agents_open ON tenantra.scan_run_agents (scan_id, due_at) WHERE state = 'running';
CALL tenantra.protect('tenantra.scan_run_agents');

CREATE TABLE tenantra.scan_run_results (
    tenant_id     int NOT NULL REFERENCES tenantra.tenants (id),
    scan_id       uuid NOT NULL,
    agent_id      int NOT NULL,
    collection    text NOT NULL,
    status_code   smallint NOT NULL,
    execution_log text NOT NULL,
    rows          bigint NOT NULL,
    duration_ms   bigint NOT NULL,
    cpu_ms        bigint NOT NULL,
    at            timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, scan_id, agent_id, collection)
);
CALL tenantra.protect('tenantra.scan_run_results');

-- The server that looks after scans knows no tenant yet.
CREATE POLICY keeper_reads ON tenantra.scan_runs FOR SELECT TO tenantra_keeper USING (true);
CREATE POLICY keeper_reads ON tenantra.scan_run_agents FOR SELECT TO tenantra_keeper USING (true);
GRANT SELECT (tenant_id, id, state, deadline) ON tenantra.scan_runs TO tenantra_keeper;
GRANT SELECT (tenant_id, scan_id, state, due_at) ON tenantra.scan_run_agents TO tenantra_keeper;
-- +goose StatementBegin
CREATE FUNCTION keeper.due_scans(at timestamptz) RETURNS TABLE (tenant_id int, id uuid, ended boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT r.tenant_id, r.id, r.deadline < at OR x.open IS NULL
      FROM tenantra.scan_runs r
      LEFT JOIN LATERAL (SELECT true AS open, min(a.due_at) AS due FROM tenantra.scan_run_agents a
                          WHERE a.scan_id = r.id AND a.state = 'running' HAVING count(*) > 0) x ON true
     WHERE r.state = 'running' AND (r.deadline < at OR x.open IS NULL OR x.due < at)
     ORDER BY r.deadline LIMIT 1000;
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.due_scans(timestamptz)');

-- +goose Down
DROP FUNCTION keeper.due_scans(timestamptz);
DROP TABLE tenantra.scan_run_results;
DROP TABLE tenantra.scan_run_agents;
DROP TABLE tenantra.scan_runs;
