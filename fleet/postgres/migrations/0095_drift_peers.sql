-- Who among machines of the same kind had a value when it changed: part of what makes a change strange, kept so that what is
-- said of it can be computed again.

-- +goose Up
ALTER TABLE tenantra.drift_events ADD COLUMN peers int NOT NULL DEFAULT 0;
ALTER TABLE tenantra.drift_events ADD COLUMN peers_with int NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE tenantra.drift_events DROP COLUMN peers_with;
ALTER TABLE tenantra.drift_events DROP COLUMN peers;
