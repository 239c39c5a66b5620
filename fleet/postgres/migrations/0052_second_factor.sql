-- The second factor: codes by time (TOTP), and recovery codes for those who lost what shows them. And what people choose
-- about how the console looks to them.

-- +goose Up
CREATE TABLE tenantra.totp_factors (
    tenant_id    int NOT NULL,
    user_id      int NOT NULL,
    secret       text NOT NULL,              -- sealed
    confirmed_at timestamptz,                -- asked for from then on
    last_step    bigint NOT NULL DEFAULT 0,  -- of 30 s: each serves once
    failures     double precision NOT NULL DEFAULT 0,
    failed_at    timestamptz NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES tenantra.users (tenant_id, id)
);
CALL tenantra.protect('tenantra.totp_factors');
CREATE POLICY keeper_reads ON tenantra.totp_factors FOR SELECT TO tenantra_keeper USING (true);
GRANT SELECT (tenant_id, user_id, confirmed_at) ON tenantra.totp_factors TO tenantra_keeper;

CREATE TABLE tenantra.recovery_codes (
    tenant_id int NOT NULL,
    user_id   int NOT NULL,
    hash      bytea NOT NULL CHECK (length(hash) = 32),
    used_at   timestamptz,
    PRIMARY KEY (tenant_id, user_id, hash),
    FOREIGN KEY (tenant_id, user_id) REFERENCES tenantra.totp_factors (tenant_id, user_id) ON DELETE CASCADE
);
CALL tenantra.protect('tenantra.recovery_codes');

ALTER TABLE tenantra.users ADD COLUMN time_zone text NOT NULL DEFAULT '' CHECK (length(time_zone) <= 64);
ALTER TABLE tenantra.users ADD COLUMN theme text NOT NULL DEFAULT 'system' CHECK (theme IN ('system', 'light', 'dark'));

SET LOCAL ROLE tenantra_keeper;
DROP FUNCTION keeper.session_state(uuid, timestamptz);
SET LOCAL ROLE tenantra_owner;
-- +goose StatementBegin
CREATE FUNCTION keeper.session_state(wanted uuid, at timestamptz)
RETURNS TABLE (tenant_id int, user_id int, user_public_id uuid, must_change boolean, verified_at timestamptz, factor boolean, powerful boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    -- A row only while the session lives, its person is active, and so is their tenant.
    SELECT s.tenant_id, s.user_id, u.public_id, c.must_change, s.verified_at,
           EXISTS (SELECT FROM tenantra.totp_factors f WHERE f.tenant_id = s.tenant_id AND f.user_id = s.user_id AND f.confirmed_at IS NOT NULL),
           keeper.powerful(s.tenant_id, s.user_id)
      FROM tenantra.sessions s
      JOIN tenantra.users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
      JOIN tenantra.credentials c ON c.tenant_id = s.tenant_id AND c.user_id = s.user_id
      JOIN tenantra.tenants t ON t.id = s.tenant_id
     WHERE s.public_id = wanted AND s.ended_at IS NULL AND s.expires_at > at AND u.status = 'active' AND keeper.standing(t.path) = 'active';
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.session_state(uuid, timestamptz)');

-- +goose Down
SET LOCAL ROLE tenantra_keeper;
DROP FUNCTION keeper.session_state(uuid, timestamptz);
SET LOCAL ROLE tenantra_owner;
-- +goose StatementBegin
CREATE FUNCTION keeper.session_state(wanted uuid, at timestamptz)
RETURNS TABLE (tenant_id int, user_id int, user_public_id uuid, must_change boolean, verified_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT s.tenant_id, s.user_id, u.public_id, c.must_change, s.verified_at
      FROM tenantra.sessions s
      JOIN tenantra.users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
      JOIN tenantra.credentials c ON c.tenant_id = s.tenant_id AND c.user_id = s.user_id
      JOIN tenantra.tenants t ON t.id = s.tenant_id
     WHERE s.public_id = wanted AND s.ended_at IS NULL AND s.expires_at > at AND u.status = 'active' AND keeper.standing(t.path) = 'active';
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.session_state(uuid, timestamptz)');
ALTER TABLE tenantra.users DROP COLUMN theme;
ALTER TABLE tenantra.users DROP COLUMN time_zone;
DROP TABLE tenantra.recovery_codes;
DROP TABLE tenantra.totp_factors;
