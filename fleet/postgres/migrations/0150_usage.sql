-- What tenants used, by day: counted as it is stored and by taking stock. It outlives what it counts.

-- +goose Up
CREATE TABLE tenantra.usage_days (
    tenant_id    int NOT NULL REFERENCES tenantra.tenants (id),
    day          date NOT NULL, -- UTC
    agents       bigint NOT NULL DEFAULT 0,
    agents_seen  bigint NOT NULL DEFAULT 0,
    batches      bigint NOT NULL DEFAULT 0,
    rows         bigint NOT NULL DEFAULT 0,
    bytes        bigint NOT NULL DEFAULT 0,
    live_queries bigint NOT NULL DEFAULT 0,
    scans        bigint NOT NULL DEFAULT 0,
    exports      bigint NOT NULL DEFAULT 0,
    stored_rows  bigint NOT NULL DEFAULT 0,
    stored_bytes bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, day)
) WITH (fillfactor = 70);
CALL tenantra.protect('tenantra.usage_days');
CREATE INDEX scan_runs_recent ON tenantra.scan_runs (tenant_id, created_at);

-- +goose Down
DROP INDEX tenantra.scan_runs_recent;
DROP TABLE tenantra.usage_days;
