-- What people say about compliance: accepted failures, values of checks, frameworks of their own; and how it went.

-- +goose Up

-- A waiver holds for its tenant and the tenants below, on all agents, on those with a tag, or on one of the tenant's own.
CREATE TABLE tenantra.waivers (
    tenant_id     int NOT NULL REFERENCES tenantra.tenants (id),
    id            uuid NOT NULL,
    check_id      text NOT NULL CHECK (length(check_id) BETWEEN 1 AND 64),
    agent_id      int, -- NULL: not one agent alone
    tag           text NOT NULL CHECK (length(tag) <= 64), -- '': whatever tags
    reason        text NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
    approver      text NOT NULL,
    approver_name text NOT NULL,
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL CHECK (expires_at > created_at),
    ended_at      timestamptz, -- by a person, or once it was seen to have expired
    ended_by      text NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, agent_id) REFERENCES tenantra.agents (tenant_id, id)
);
CREATE INDEX waivers_open ON tenantra.waivers (expires_at) WHERE ended_at IS NULL;
CALL tenantra.protect('tenantra.waivers');
REVOKE DELETE ON tenantra.waivers FROM tenantra_app;

-- A server that starts knows no tenant: it gets the ids of those with waivers that have expired.
CREATE POLICY keeper_reads ON tenantra.waivers FOR SELECT TO tenantra_keeper USING (true);
GRANT SELECT (tenant_id, expires_at, ended_at) ON tenantra.waivers TO tenantra_keeper;
-- +goose StatementBegin
CREATE FUNCTION keeper.tenants_with_lapsed_waivers(at timestamptz) RETURNS int[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT coalesce(array_agg(DISTINCT w.tenant_id ORDER BY w.tenant_id), '{}') FROM tenantra.waivers w WHERE w.ended_at IS NULL AND w.expires_at <= at;
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.tenants_with_lapsed_waivers(timestamptz)');

-- A tenant's values for parameters of checks. They hold for the tenants below, the nearest counts.
CREATE TABLE tenantra.check_params (
    tenant_id        int NOT NULL REFERENCES tenantra.tenants (id),
    check_id         text NOT NULL CHECK (length(check_id) BETWEEN 1 AND 64),
    params           text NOT NULL, -- JSON
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, check_id)
);
CALL tenantra.protect('tenantra.check_params');

-- A tenant's frameworks. They hold for the tenants below; one of the same id takes the place of the product's or a parent's.
CREATE TABLE tenantra.frameworks (
    tenant_id        int NOT NULL REFERENCES tenantra.tenants (id),
    framework_id     text NOT NULL CHECK (length(framework_id) BETWEEN 1 AND 64),
    document         text NOT NULL, -- YAML or JSON
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, framework_id)
);
CALL tenantra.protect('tenantra.frameworks');

-- The scores of a tenant's own agents, the last of each day; framework '' is that of all checks.
CREATE TABLE tenantra.compliance_scores (
    tenant_id    int NOT NULL REFERENCES tenantra.tenants (id),
    framework_id text NOT NULL,
    day          date NOT NULL,
    percent      real NOT NULL,
    strict       real NOT NULL,
    passed       int NOT NULL,
    failed       int NOT NULL,
    waived       int NOT NULL,
    errors       int NOT NULL,
    PRIMARY KEY (tenant_id, framework_id, day)
);
CALL tenantra.protect('tenantra.compliance_scores');

-- +goose Down
DROP TABLE tenantra.compliance_scores;
DROP TABLE tenantra.frameworks;
DROP TABLE tenantra.check_params;
SET LOCAL ROLE tenantra_keeper;
DROP FUNCTION keeper.tenants_with_lapsed_waivers(timestamptz);
SET LOCAL ROLE tenantra_owner;
DROP TABLE tenantra.waivers;
