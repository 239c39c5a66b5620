-- Whom alerts are told to, and every notice with what became of it.

-- +goose Up
CREATE TABLE tenantra.channels (
    tenant_id        int NOT NULL REFERENCES tenantra.tenants (id),
    id               uuid NOT NULL,
    name             text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    kind             text NOT NULL CHECK (kind IN ('email', 'webhook', 'slack', 'teams', 'discord', 'telegram', 'pagerduty', 'opsgenie', 'jira')),
    config           text NOT NULL CHECK (length(config) <= 65536), -- JSON, nothing secret
    secret           text NOT NULL, -- sealed; '' for none
    secret_hint      text NOT NULL, -- its last four characters
    secret_at        timestamptz,
    old_secret       text NOT NULL, -- sealed; the one before, while it still signs
    old_secret_until timestamptz,
    enabled          boolean NOT NULL,
    all_alerts       boolean NOT NULL, -- told of every alert, not only of rules that name it
    min_severity     smallint NOT NULL CHECK (min_severity BETWEEN 1 AND 4),
    class            smallint NOT NULL CHECK (class BETWEEN 0 AND 2), -- the highest that may be sent
    subject          text NOT NULL CHECK (length(subject) <= 1000),   -- templates; '' for the product's own
    body             text NOT NULL CHECK (length(body) <= 8000),
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX channels_name ON tenantra.channels (tenant_id, name);
CALL tenantra.protect('tenantra.channels');

-- A notice for one channel, or for the console. The id is what receivers know it by, the same in each attempt.
CREATE TABLE tenantra.notifications (
    tenant_id      int NOT NULL REFERENCES tenantra.tenants (id),
    id             uuid NOT NULL,
    alert_id       uuid, -- NULL of a test
    rule           text NOT NULL,
    notice         text NOT NULL,
    severity       smallint NOT NULL CHECK (severity BETWEEN 1 AND 4),
    class          smallint NOT NULL CHECK (class BETWEEN 0 AND 2), -- of subject and body
    channel_tenant int, -- whose channel it is; NULL for the console
    channel_id     uuid,
    channel        text NOT NULL, -- its name then
    kind           text NOT NULL,
    status         text NOT NULL CHECK (status IN ('queued', 'retrying', 'sent', 'dead', 'suppressed')),
    reason         text NOT NULL, -- why it was not sent
    retry_count    int NOT NULL,
    webhook_status int NOT NULL, -- of the last answer; 0 for none
    message_id     text NOT NULL, -- that the receiver gave, or knows it by
    subject        text NOT NULL,
    body           text NOT NULL, -- JSON of what is told
    body_sha256    bytea NOT NULL CHECK (length(body_sha256) = 32),
    replay_of      uuid,
    created_by     text NOT NULL,
    created_at     timestamptz NOT NULL,
    attempted_at   timestamptz,
    sent_at        timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX notifications_by_alert ON tenantra.notifications (tenant_id, alert_id) WHERE alert_id IS NOT NULL;
CREATE INDEX notifications_by_channel ON tenantra.notifications (tenant_id, channel_id, created_at) WHERE channel_id IS NOT NULL;
CREATE INDEX notifications_inbox ON tenantra.notifications (tenant_id, id) WHERE kind = 'inapp';
CALL tenantra.protect('tenantra.notifications');

-- How far a person has read the console's notices of a tenant.
CREATE TABLE tenantra.inbox_marks (
    tenant_id int NOT NULL REFERENCES tenantra.tenants (id),
    person    uuid NOT NULL,
    read_to   uuid NOT NULL,
    PRIMARY KEY (tenant_id, person)
);
CALL tenantra.protect('tenantra.inbox_marks');

-- +goose Down
DROP TABLE tenantra.inbox_marks;
DROP TABLE tenantra.notifications;
DROP TABLE tenantra.channels;
