-- A live query may wait for agents that are away: their lines are "waiting" until they connect or the campaign's time is
-- over. A line that was asked has a moment until which its answer is due, and counts how often it was asked.

-- +goose Up
ALTER TABLE tenantra.live_queries
    ADD COLUMN wait_seconds integer NOT NULL DEFAULT 0, -- how long agents may take to come; 0: only those connected are asked
    ADD COLUMN target       jsonb   NOT NULL DEFAULT '{}';
ALTER TABLE tenantra.live_query_agents
    ADD COLUMN due_at   timestamptz,
    ADD COLUMN attempts integer NOT NULL DEFAULT 1;
ALTER TABLE tenantra.live_query_agents DROP CONSTRAINT live_query_agents_outcome_check;
ALTER TABLE tenantra.live_query_agents ADD CONSTRAINT live_query_agents_outcome_check
    CHECK (outcome IN ('waiting', 'running', 'with_rows', 'no_rows', 'failed', 'timed_out', 'offline', 'refused')) NOT VALID;
ALTER TABLE tenantra.live_query_agents VALIDATE CONSTRAINT live_query_agents_outcome_check;
CREATE INDEX live_query_agents_open ON tenantra.live_query_agents (tenant_id, agent_id, query_id) WHERE outcome IN ('waiting', 'running');
CREATE INDEX live_query_agents_open_of_query ON tenantra.live_query_agents (query_id, due_at) WHERE outcome IN ('waiting', 'running');
-- What the same statement did before tells what it will do.
CREATE INDEX live_queries_by_text ON tenantra.live_queries (tenant_id, md5(sql));

CREATE POLICY keeper_reads ON tenantra.live_query_agents FOR SELECT TO tenantra_keeper USING (true);
GRANT SELECT (tenant_id, query_id, agent_id, outcome, due_at) ON tenantra.live_query_agents TO tenantra_keeper;

-- keeper.overdue_live_queries stays: servers of the release before call it until they are replaced.
-- +goose StatementBegin
CREATE FUNCTION keeper.due_live_queries(at timestamptz) RETURNS TABLE (tenant_id int, id uuid, ended boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    -- Campaigns to be looked after: those that have ended, because their time is over or nobody is awaited any more, and
    -- those with an answer that is overdue.
    SELECT q.tenant_id, q.id, q.deadline < at OR x.open IS NULL
      FROM tenantra.live_queries q
      LEFT JOIN LATERAL (SELECT true AS open, min(a.due_at) AS due FROM tenantra.live_query_agents a
                          WHERE a.query_id = q.id AND a.outcome IN ('waiting', 'running') HAVING count(*) > 0) x ON true
     WHERE q.state = 'running' AND (q.deadline < at OR x.open IS NULL OR x.due < at)
     ORDER BY q.deadline LIMIT 1000;
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.due_live_queries(timestamptz)');

-- +goose StatementBegin
CREATE FUNCTION keeper.questions_for(tenant int, agent int, at timestamptz) RETURNS TABLE (id uuid, sql text, timeout_seconds int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    -- The questions that are open for an agent of the scope. They may belong to a tenant above, which the agent's scope does
    -- not see.
    SELECT q.id, q.sql, q.timeout_seconds
      FROM tenantra.live_query_agents a JOIN tenantra.live_queries q ON q.id = a.query_id
     WHERE a.tenant_id = tenant AND a.agent_id = agent AND tenant = ANY (keeper.visible())
       AND a.outcome IN ('waiting', 'running') AND q.state = 'running' AND q.wait_seconds > 0 AND q.deadline > at
     ORDER BY q.id LIMIT 16;
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.questions_for(int, int, timestamptz)');

-- +goose Down
DROP FUNCTION keeper.questions_for(int, int, timestamptz);
DROP FUNCTION keeper.due_live_queries(timestamptz);
DROP POLICY keeper_reads ON tenantra.live_query_agents;
DROP INDEX tenantra.live_queries_by_text;
DROP INDEX tenantra.live_query_agents_open_of_query;
DROP INDEX tenantra.live_query_agents_open;
UPDATE tenantra.live_query_agents SET outcome = 'offline' WHERE outcome = 'waiting';
ALTER TABLE tenantra.live_query_agents DROP CONSTRAINT live_query_agents_outcome_check;
ALTER TABLE tenantra.live_query_agents ADD CONSTRAINT live_query_agents_outcome_check
    CHECK (outcome IN ('running', 'with_rows', 'no_rows', 'failed', 'timed_out', 'offline', 'refused'));
ALTER TABLE tenantra.live_query_agents DROP COLUMN attempts, DROP COLUMN due_at;
ALTER TABLE tenantra.live_queries DROP COLUMN target, DROP COLUMN wait_seconds;
