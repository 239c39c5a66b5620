-- What judges open and close: one finding for each kind, agent and subject, with its history.

-- +goose Up
CREATE TABLE tenantra.findings (
    tenant_id     int NOT NULL REFERENCES tenantra.tenants (id),
    id            uuid NOT NULL,
    agent_id      int NOT NULL,
    kind          text NOT NULL CHECK (length(kind) BETWEEN 1 AND 64),
    subject       text NOT NULL CHECK (length(subject) BETWEEN 1 AND 200),
    title         text NOT NULL,
    severity      smallint NOT NULL CHECK (severity BETWEEN 1 AND 4), -- low, medium, high, critical
    state         text NOT NULL CHECK (state IN ('open', 'acknowledged', 'resolved', 'waived')),
    message       text NOT NULL,
    expected      text NOT NULL,
    fix           text NOT NULL,
    rule_version  text NOT NULL,
    class         smallint NOT NULL CHECK (class BETWEEN 0 AND 2), -- of message and evidence: inventory, personal, content
    evidence      text NOT NULL, -- JSON: columns, rows, cells that fail, ids of the stored rows
    first_seen_at timestamptz NOT NULL,
    last_seen_at  timestamptz NOT NULL, -- when it was last found to be so with other rows, or opened
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, agent_id) REFERENCES tenantra.agents (tenant_id, id)
);
CREATE UNIQUE INDEX findings_subject ON tenantra.findings (tenant_id, agent_id, kind, subject);
CREATE INDEX findings_recent ON tenantra.findings (tenant_id, state, id);
CALL tenantra.protect('tenantra.findings');

CREATE TABLE tenantra.finding_transitions (
    tenant_id  int NOT NULL,
    finding_id uuid NOT NULL,
    seq        int NOT NULL,
    at         timestamptz NOT NULL,
    state      text NOT NULL CHECK (state IN ('open', 'acknowledged', 'resolved', 'waived')),
    actor      text NOT NULL,
    actor_name text NOT NULL,
    reason     text NOT NULL,
    PRIMARY KEY (tenant_id, finding_id, seq),
    FOREIGN KEY (tenant_id, finding_id) REFERENCES tenantra.findings (tenant_id, id)
);
CALL tenantra.protect('tenantra.finding_transitions');
REVOKE UPDATE, DELETE ON tenantra.finding_transitions FROM tenantra_app;

-- A server that starts knows no tenant: it gets the ids of those with rows that no judge has looked at.
CREATE POLICY keeper_reads ON tenantra.pending_judgements FOR SELECT TO tenantra_keeper USING (true);
GRANT SELECT (tenant_id) ON tenantra.pending_judgements TO tenantra_keeper;
-- +goose StatementBegin
CREATE FUNCTION keeper.tenants_to_judge() RETURNS int[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    -- The next tenant in the index, again and again: a few look-ups however many rows wait.
    WITH RECURSIVE next AS (
        SELECT min(tenant_id) AS id FROM tenantra.pending_judgements
        UNION ALL
        SELECT (SELECT min(p.tenant_id) FROM tenantra.pending_judgements p WHERE p.tenant_id > next.id) FROM next WHERE next.id IS NOT NULL
    )
    SELECT coalesce(array_agg(id), '{}') FROM next WHERE id IS NOT NULL;
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.tenants_to_judge()');

-- +goose Down
DROP FUNCTION keeper.tenants_to_judge();
DROP POLICY keeper_reads ON tenantra.pending_judgements;
DROP TABLE tenantra.finding_transitions;
DROP TABLE tenantra.findings;
