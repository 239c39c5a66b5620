-- The queue of the job runner (riverqueue/river, version 8 of its schema, in the form that its eight migrations lead to).
-- It has no tenant's rows: a job's arguments are ids, and what they name is read in the tenant's scope when it runs.
-- Hence no row-level security here; nothing of the other schemas can be reached through it (docs/decisions/0010).

-- +goose Up
CREATE TABLE jobs.river_migration (
    line       text NOT NULL CHECK (char_length(line) > 0 AND char_length(line) < 128),
    version    bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (line, version)
);
INSERT INTO jobs.river_migration (line, version) SELECT 'main', v FROM generate_series(1, 8) AS v;

CREATE TYPE jobs.river_job_state AS ENUM ('available', 'cancelled', 'completed', 'discarded', 'pending', 'retryable', 'running', 'scheduled');

-- +goose StatementBegin
CREATE FUNCTION jobs.river_job_state_in_bitmask(bitmask bit(8), state jobs.river_job_state) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE state
        WHEN 'available' THEN get_bit(bitmask, 7)
        WHEN 'cancelled' THEN get_bit(bitmask, 6)
        WHEN 'completed' THEN get_bit(bitmask, 5)
        WHEN 'discarded' THEN get_bit(bitmask, 4)
        WHEN 'pending' THEN get_bit(bitmask, 3)
        WHEN 'retryable' THEN get_bit(bitmask, 2)
        WHEN 'running' THEN get_bit(bitmask, 1)
        WHEN 'scheduled' THEN get_bit(bitmask, 0)
        ELSE 0
    END = 1;
$$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION jobs.river_job_state_in_bitmask(bit, jobs.river_job_state) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION jobs.river_job_state_in_bitmask(bit, jobs.river_job_state) TO tenantra_app;

CREATE TABLE jobs.river_job (
    id            bigserial PRIMARY KEY,
    state         jobs.river_job_state NOT NULL DEFAULT 'available',
    attempt       smallint NOT NULL DEFAULT 0,
    max_attempts  smallint NOT NULL DEFAULT 25 CONSTRAINT max_attempts_is_positive CHECK (max_attempts > 0),
    attempted_at  timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    finalized_at  timestamptz,
    scheduled_at  timestamptz NOT NULL DEFAULT now(),
    priority      smallint NOT NULL DEFAULT 1 CONSTRAINT priority_in_range CHECK (priority >= 1 AND priority <= 4),
    args          jsonb NOT NULL,
    attempted_by  text[],
    errors        jsonb[],
    kind          text NOT NULL CONSTRAINT kind_length CHECK (char_length(kind) > 0 AND char_length(kind) < 128),
    metadata      jsonb NOT NULL DEFAULT '{}',
    queue         text NOT NULL DEFAULT 'default' CONSTRAINT queue_length CHECK (char_length(queue) > 0 AND char_length(queue) < 128),
    tags          varchar(255)[] NOT NULL DEFAULT '{}',
    unique_key    bytea,
    unique_states bit(8),
    CONSTRAINT finalized_or_finalized_at_null CHECK ((finalized_at IS NOT NULL) = (state IN ('cancelled', 'completed', 'discarded')))
);
CREATE INDEX river_job_kind ON jobs.river_job (kind);
CREATE INDEX river_job_state_and_finalized_at_index ON jobs.river_job (state, finalized_at) WHERE finalized_at IS NOT NULL;
CREATE INDEX river_job_prioritized_fetching_index ON jobs.river_job (state, queue, priority, scheduled_at, id);
CREATE INDEX river_job_args_index ON jobs.river_job USING gin (args);
CREATE INDEX river_job_metadata_index ON jobs.river_job USING gin (metadata);
CREATE UNIQUE INDEX river_job_unique_idx ON jobs.river_job (unique_key)
    WHERE unique_key IS NOT NULL AND unique_states IS NOT NULL AND jobs.river_job_state_in_bitmask(unique_states, state);

CREATE UNLOGGED TABLE jobs.river_leader (
    elected_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    leader_id  text NOT NULL CONSTRAINT leader_id_length CHECK (char_length(leader_id) > 0 AND char_length(leader_id) < 128),
    name       text PRIMARY KEY DEFAULT 'default' CONSTRAINT name_length CHECK (name = 'default')
);

CREATE TABLE jobs.river_queue (
    name       text PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now(),
    metadata   jsonb NOT NULL DEFAULT '{}',
    paused_at  timestamptz,
    updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE jobs.river_notification (
    id         bigserial PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now(),
    payload    text NOT NULL,
    topic      text NOT NULL CONSTRAINT topic_length CHECK (length(topic) > 0 AND length(topic) < 128)
);
CREATE INDEX river_notification_created_at_idx ON jobs.river_notification (created_at);
CREATE INDEX river_notification_topic_id_idx ON jobs.river_notification (topic, id);

GRANT SELECT ON jobs.river_migration TO tenantra_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON jobs.river_job, jobs.river_leader, jobs.river_queue, jobs.river_notification TO tenantra_app;
GRANT USAGE ON SEQUENCE jobs.river_job_id_seq, jobs.river_notification_id_seq TO tenantra_app;

-- +goose Down
DROP TABLE jobs.river_notification, jobs.river_queue, jobs.river_leader, jobs.river_job;
DROP FUNCTION jobs.river_job_state_in_bitmask(bit, jobs.river_job_state);
DROP TYPE jobs.river_job_state;
DROP TABLE jobs.river_migration;
