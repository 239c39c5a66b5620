-- What compliance checks say of agents: now, and before.

-- +goose Up
CREATE TABLE tenantra.verdicts (
    tenant_id    int NOT NULL REFERENCES tenantra.tenants (id),
    check_id     text NOT NULL CHECK (length(check_id) BETWEEN 1 AND 64),
    agent_id     int NOT NULL,
    verdict      text NOT NULL CHECK (verdict IN ('pass', 'fail', 'not_applicable', 'error')),
    message      text NOT NULL,
    class        smallint NOT NULL CHECK (class BETWEEN 0 AND 2), -- of the message
    rule_version text NOT NULL,
    since        timestamptz NOT NULL, -- when the verdict became what it is
    PRIMARY KEY (tenant_id, check_id, agent_id),
    FOREIGN KEY (tenant_id, agent_id) REFERENCES tenantra.agents (tenant_id, id)
);
CREATE INDEX verdicts_by_agent ON tenantra.verdicts (tenant_id, agent_id);
CALL tenantra.protect('tenantra.verdicts');

-- Verdicts that are no longer so. One was true from since until before ended.
CREATE TABLE tenantra.verdicts_past (
    tenant_id    int NOT NULL REFERENCES tenantra.tenants (id),
    check_id     text NOT NULL,
    agent_id     int NOT NULL,
    verdict      text NOT NULL,
    rule_version text NOT NULL,
    since        timestamptz NOT NULL,
    ended        timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, check_id, agent_id, ended)
);
CALL tenantra.protect('tenantra.verdicts_past');
REVOKE UPDATE ON tenantra.verdicts_past FROM tenantra_app;

-- A server that starts knows no tenant: it gets the ids of those whose verdicts are of other versions of the checks.
CREATE POLICY keeper_reads ON tenantra.verdicts FOR SELECT TO tenantra_keeper USING (true);
GRANT SELECT (tenant_id, check_id, rule_version) ON tenantra.verdicts TO tenantra_keeper;
-- +goose StatementBegin
CREATE FUNCTION keeper.tenants_with_old_verdicts(checks text[], versions text[]) RETURNS int[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT coalesce(array_agg(DISTINCT v.tenant_id ORDER BY v.tenant_id), '{}')
      FROM tenantra.verdicts v LEFT JOIN unnest(checks, versions) AS k(check_id, version) ON k.check_id = v.check_id
     WHERE k.version IS DISTINCT FROM v.rule_version;
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.tenants_with_old_verdicts(text[], text[])');

-- +goose Down
DROP FUNCTION keeper.tenants_with_old_verdicts(text[], text[]);
DROP TABLE tenantra.verdicts_past;
DROP TABLE tenantra.verdicts;
