-- Alert rules, alerts with their members and history, and the windows in which nobody is told.

-- +goose Up
CREATE TABLE tenantra.alert_rules (
    tenant_id        int NOT NULL REFERENCES tenantra.tenants (id),
    name             text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    yaml             text NOT NULL CHECK (length(yaml) <= 262144),
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, name)
);
CALL tenantra.protect('tenantra.alert_rules');

-- What a tenant says over a rule of the product, of its own or of a tenant above; NULL says nothing.
CREATE TABLE tenantra.alert_rule_settings (
    tenant_id        int NOT NULL REFERENCES tenantra.tenants (id),
    rule             text NOT NULL CHECK (length(rule) BETWEEN 1 AND 64),
    enabled          boolean,
    threshold        int,
    params           text CHECK (length(params) <= 65536), -- JSON
    notify           text[],
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, rule)
);
CALL tenantra.protect('tenantra.alert_rule_settings');

CREATE TABLE tenantra.alerts (
    tenant_id     int NOT NULL REFERENCES tenantra.tenants (id),
    id            uuid NOT NULL,
    rule          text NOT NULL,
    rule_version  text NOT NULL,
    group_key     bytea NOT NULL CHECK (length(group_key) = 16),
    labels        text NOT NULL, -- JSON: what the group has in common, by name
    title         text NOT NULL,
    message       text NOT NULL,
    severity      smallint NOT NULL CHECK (severity BETWEEN 1 AND 4),
    class         smallint NOT NULL CHECK (class BETWEEN 0 AND 2), -- of message and labels
    state         text NOT NULL CHECK (state IN ('open', 'acknowledged', 'snoozed', 'resolved')),
    members       int NOT NULL, -- findings that are so now
    occurrences   int NOT NULL, -- how many times it opened
    opened_at     timestamptz NOT NULL,
    last_seen_at  timestamptz NOT NULL,
    state_at      timestamptz NOT NULL,
    changes       timestamptz[] NOT NULL, -- the last times that it opened or was resolved
    flapping      boolean NOT NULL,
    notified_at   timestamptz, -- of the last notice since it opened
    snoozed_until timestamptz,
    resolve_at    timestamptz,
    renotify_at   timestamptz,
    escalate_at   timestamptz,
    escalation    smallint NOT NULL, -- steps taken
    held          text NOT NULL,     -- the notice that a quiet window holds back
    held_until    timestamptz,
    due_at        timestamptz,       -- the earliest of the times above that count in its state
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX alerts_group ON tenantra.alerts (tenant_id, rule, group_key);
CREATE INDEX alerts_recent ON tenantra.alerts (tenant_id, state, id);
CREATE INDEX alerts_due ON tenantra.alerts (tenant_id, due_at) WHERE due_at IS NOT NULL;
CALL tenantra.protect('tenantra.alerts');

-- The findings that an alert gathers.
CREATE TABLE tenantra.alert_members (
    tenant_id  int NOT NULL,
    alert_id   uuid NOT NULL,
    finding_id uuid NOT NULL,
    agent_id   int NOT NULL,
    firing     boolean NOT NULL,
    since      timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, alert_id, finding_id),
    FOREIGN KEY (tenant_id, alert_id) REFERENCES tenantra.alerts (tenant_id, id),
    FOREIGN KEY (tenant_id, finding_id) REFERENCES tenantra.findings (tenant_id, id)
);
CREATE INDEX alert_members_finding ON tenantra.alert_members (tenant_id, finding_id);
CALL tenantra.protect('tenantra.alert_members');

-- What became of an alert: transitions, notices, and why a notice was not sent.
CREATE TABLE tenantra.alert_events (
    tenant_id  int NOT NULL,
    alert_id   uuid NOT NULL,
    seq        int NOT NULL,
    at         timestamptz NOT NULL,
    event      text NOT NULL CHECK (event IN ('opened', 'reopened', 'acknowledged', 'snoozed', 'resolved', 'renotified', 'escalated',
                                              'flapping', 'steady', 'notified', 'suppressed', 'held')),
    actor      text NOT NULL,
    actor_name text NOT NULL,
    reason     text NOT NULL,
    PRIMARY KEY (tenant_id, alert_id, seq),
    FOREIGN KEY (tenant_id, alert_id) REFERENCES tenantra.alerts (tenant_id, id)
);
CALL tenantra.protect('tenantra.alert_events');
REVOKE UPDATE, DELETE ON tenantra.alert_events FROM tenantra_app;

-- Windows of maintenance (no notice) and of quiet (notices are held back until the end). Once, or again every week.
CREATE TABLE tenantra.alert_windows (
    tenant_id        int NOT NULL REFERENCES tenantra.tenants (id),
    id               uuid NOT NULL,
    name             text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    kind             text NOT NULL CHECK (kind IN ('maintenance', 'quiet')),
    starts_at        timestamptz, -- of one that is once
    ends_at          timestamptz,
    days             smallint[] NOT NULL, -- of one that comes again: 0 is Sunday
    from_minute      smallint NOT NULL CHECK (from_minute BETWEEN 0 AND 1439),
    minutes          int NOT NULL CHECK (minutes BETWEEN 0 AND 10080),
    zone             text NOT NULL,
    rules            text[] NOT NULL, -- only these; none for all
    tags             text[] NOT NULL, -- only agents with one of these; none for all
    below            smallint NOT NULL CHECK (below BETWEEN 0 AND 5), -- only severities below this; 0 for all
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CALL tenantra.protect('tenantra.alert_windows');

CREATE INDEX agent_collections_failed ON tenantra.agent_collections (tenant_id, agent_id) WHERE status_code <> 0;

-- A server knows no tenant by itself: it gets the ids of those with alerts that have something due.
CREATE POLICY keeper_reads ON tenantra.alerts FOR SELECT TO tenantra_keeper USING (true);
GRANT SELECT (tenant_id, due_at) ON tenantra.alerts TO tenantra_keeper;
-- +goose StatementBegin
CREATE FUNCTION keeper.tenants_with_due_alerts(before timestamptz) RETURNS int[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT coalesce(array_agg(DISTINCT tenant_id ORDER BY tenant_id), '{}') FROM tenantra.alerts WHERE due_at <= before;
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.tenants_with_due_alerts(timestamptz)');

-- +goose Down
DROP FUNCTION keeper.tenants_with_due_alerts(timestamptz);
DROP INDEX tenantra.agent_collections_failed;
DROP TABLE tenantra.alert_windows;
DROP TABLE tenantra.alert_events;
DROP TABLE tenantra.alert_members;
DROP TABLE tenantra.alerts;
DROP TABLE tenantra.alert_rule_settings;
DROP TABLE tenantra.alert_rules;
