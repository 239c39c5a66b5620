-- A waiver is asked for by one person and approved by another; it accepts nothing before that.

-- +goose Up
ALTER TABLE tenantra.waivers
    ALTER COLUMN approver SET DEFAULT '',
    ALTER COLUMN approver_name SET DEFAULT '',
    ADD COLUMN requester text NOT NULL DEFAULT '',
    ADD COLUMN requester_name text NOT NULL DEFAULT '',
    ADD COLUMN requesters uuid[] NOT NULL DEFAULT '{}', -- the people who asked: who acted, and whom they acted for
    ADD COLUMN approver_id uuid,
    ADD COLUMN approved_at timestamptz, -- NULL: nobody has approved it
    ADD COLUMN end_reason text NOT NULL DEFAULT '' CHECK (length(end_reason) <= 2000);
-- Those of before hold on. Who asked for them is their approver, as it was then; requesters stays empty for them.
UPDATE tenantra.waivers SET requester = approver, requester_name = approver_name, approved_at = created_at;
ALTER TABLE tenantra.waivers
    ADD CONSTRAINT waivers_by_two CHECK (approver_id IS NULL OR approver_id <> ALL (requesters)),
    ADD CONSTRAINT waivers_approval CHECK ((approved_at IS NULL) = (approver = ''));

-- +goose Down
DELETE FROM tenantra.waivers WHERE approved_at IS NULL;
ALTER TABLE tenantra.waivers
    DROP CONSTRAINT waivers_approval, DROP CONSTRAINT waivers_by_two,
    DROP COLUMN requester, DROP COLUMN requester_name, DROP COLUMN requesters, DROP COLUMN approver_id, DROP COLUMN approved_at, DROP COLUMN end_reason,
    ALTER COLUMN approver DROP DEFAULT, ALTER COLUMN approver_name DROP DEFAULT;
