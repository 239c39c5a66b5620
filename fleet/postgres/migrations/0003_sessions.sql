-- Sessions of people, their refresh tokens, and the buckets that bound guessing.

-- +goose Up
CREATE TABLE tenantra.sessions (
    tenant_id    int NOT NULL,          -- the person's home
    public_id    uuid NOT NULL,
    user_id      int NOT NULL,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,  -- of the refresh token
    expires_at   timestamptz NOT NULL,  -- however active
    ended_at     timestamptz,
    end_reason   text,
    address      text NOT NULL,
    user_agent   text NOT NULL,
    PRIMARY KEY (tenant_id, public_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES tenantra.users (tenant_id, id)
);
CREATE INDEX sessions_user ON tenantra.sessions (tenant_id, user_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_public_id ON tenantra.sessions (public_id);
CALL tenantra.protect('tenantra.sessions');
CREATE POLICY keeper_reads ON tenantra.sessions FOR SELECT TO tenantra_keeper USING (true);
GRANT SELECT (tenant_id, public_id, user_id, expires_at, ended_at) ON tenantra.sessions TO tenantra_keeper;

-- Every refresh token of a session, also those that were replaced: one of them used again means that it was stolen.
CREATE TABLE tenantra.session_tokens (
    tenant_id   int NOT NULL,
    hash        bytea NOT NULL CHECK (length(hash) = 32),
    session_id  uuid NOT NULL,
    created_at  timestamptz NOT NULL,
    replaced_at timestamptz,
    PRIMARY KEY (tenant_id, hash),
    FOREIGN KEY (tenant_id, session_id) REFERENCES tenantra.sessions (tenant_id, public_id) ON DELETE CASCADE
);
CREATE INDEX session_tokens_hash ON tenantra.session_tokens (hash);
CREATE INDEX session_tokens_session ON tenantra.session_tokens (tenant_id, session_id);
CALL tenantra.protect('tenantra.session_tokens');
CREATE POLICY keeper_reads ON tenantra.session_tokens FOR SELECT TO tenantra_keeper USING (true);
GRANT SELECT (tenant_id, hash, session_id) ON tenantra.session_tokens TO tenantra_keeper;

-- +goose StatementBegin
CREATE FUNCTION keeper.find_refresh(wanted bytea) RETURNS TABLE (tenant_id int, session_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT s.tenant_id, s.session_id FROM tenantra.session_tokens s WHERE s.hash = wanted LIMIT 1;
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.find_refresh(bytea)');

-- +goose StatementBegin
CREATE FUNCTION keeper.session_state(wanted uuid, at timestamptz)
RETURNS TABLE (tenant_id int, user_id int, user_public_id uuid, must_change boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    -- A row only while the session lives and its person is active.
    SELECT s.tenant_id, s.user_id, u.public_id, c.must_change
      FROM tenantra.sessions s
      JOIN tenantra.users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
      JOIN tenantra.credentials c ON c.tenant_id = s.tenant_id AND c.user_id = s.user_id
     WHERE s.public_id = wanted AND s.ended_at IS NULL AND s.expires_at > at AND u.status = 'active';
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.session_state(uuid, timestamptz)');

-- Guessing is bounded by leaky buckets: of the account, of the address, and of the account from that address. Keys are
-- HMACs made by the server, so the table names nobody. A level is worth what is left of it after leaking.
CREATE TABLE keeper.login_buckets (
    key        bytea PRIMARY KEY,
    level      double precision NOT NULL,
    updated_at timestamptz NOT NULL
);
ALTER TABLE keeper.login_buckets OWNER TO tenantra_keeper;
-- From where an account's right password came before.
CREATE TABLE keeper.login_origins (
    origin  bytea PRIMARY KEY,
    last_at timestamptz NOT NULL
);
ALTER TABLE keeper.login_origins OWNER TO tenantra_keeper;

-- +goose StatementBegin
CREATE FUNCTION keeper.login_level(wanted bytea, leak double precision, at timestamptz) RETURNS double precision
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
-- Locks a bucket, making it when there is none, and gives what is left in it; leak is a second's.
DECLARE
    b keeper.login_buckets;
BEGIN
    INSERT INTO keeper.login_buckets VALUES (wanted, 0, at) ON CONFLICT (key) DO NOTHING;
    SELECT * INTO b FROM keeper.login_buckets WHERE key = wanted FOR UPDATE;
    RETURN greatest(0, b.level - leak * greatest(0, extract(epoch FROM at - b.updated_at)));
END $$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION keeper.login_level(bytea, double precision, timestamptz) FROM PUBLIC;
ALTER FUNCTION keeper.login_level(bytea, double precision, timestamptz) OWNER TO tenantra_keeper;

-- +goose StatementBegin
CREATE FUNCTION keeper.login_begin(account bytea, origin bytea, address bytea, at timestamptz) RETURNS double precision
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
-- Counts an attempt before it is judged, so that attempts at the same time count each. Gives 0, or the seconds to wait.
-- The account's bucket alone would let anybody lock a person out. When it is full, an origin (the account from one
-- address) still passes where the right password came from before, and so does the first attempt of a new origin: the
-- person with the right password gets in, and the guesser has one guess for each address.
DECLARE
    account_level double precision := keeper.login_level(account, 1 / 60.0, at);
    origin_seen   boolean          := EXISTS (SELECT FROM keeper.login_buckets b WHERE b.key = origin AND b.updated_at > at - interval '1 day');
    origin_level  double precision := keeper.login_level(origin, 1 / 60.0, at);
    address_level double precision := keeper.login_level(address, 1 / 10.0, at);
    known         boolean          := EXISTS (SELECT FROM keeper.login_origins o WHERE o.origin = login_begin.origin AND o.last_at > at - interval '90 days');
    wait          double precision := 0;
BEGIN
    IF origin_level > 9 THEN
        wait := (origin_level - 9) * 60;
    ELSIF NOT known AND address_level > 19 THEN
        wait := (address_level - 19) * 10;
    ELSIF NOT known AND account_level > 9 AND origin_seen THEN
        wait := (account_level - 9) * 60;
    END IF;
    IF wait = 0 THEN
        account_level := least(10, account_level + 1);
        origin_level := least(10, origin_level + 1);
        address_level := least(20, address_level + 1);
    END IF;
    UPDATE keeper.login_buckets b SET level = account_level, updated_at = at WHERE b.key = account;
    UPDATE keeper.login_buckets b SET level = origin_level, updated_at = at WHERE b.key = login_begin.origin;
    UPDATE keeper.login_buckets b SET level = address_level, updated_at = at WHERE b.key = address;
    DELETE FROM keeper.login_buckets b WHERE b.key IN (
        SELECT o.key FROM keeper.login_buckets o WHERE o.updated_at < at - interval '1 day' LIMIT 20 FOR UPDATE SKIP LOCKED);
    RETURN wait;
END $$;
-- +goose StatementEnd
CALL keeper.keep('keeper.login_begin(bytea, bytea, bytea, timestamptz)');

-- +goose StatementBegin
CREATE FUNCTION keeper.login_right(account bytea, origin bytea, address bytea, at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
-- Takes back what login_begin counted, and remembers the origin.
BEGIN
    UPDATE keeper.login_buckets b SET level = greatest(0, b.level - 1) WHERE b.key = account;
    DELETE FROM keeper.login_buckets b WHERE b.key = login_right.origin;
    UPDATE keeper.login_buckets b SET level = greatest(0, b.level - 1) WHERE b.key = address;
    INSERT INTO keeper.login_origins VALUES (login_right.origin, at)
    ON CONFLICT ON CONSTRAINT login_origins_pkey DO UPDATE SET last_at = excluded.last_at;
    DELETE FROM keeper.login_origins o WHERE o.origin IN (
        SELECT p.origin FROM keeper.login_origins p WHERE p.last_at < at - interval '90 days' LIMIT 20 FOR UPDATE SKIP LOCKED);
END $$;
-- +goose StatementEnd
CALL keeper.keep('keeper.login_right(bytea, bytea, bytea, timestamptz)');

-- +goose Down
DROP FUNCTION keeper.login_right(bytea, bytea, bytea, timestamptz);
DROP FUNCTION keeper.login_begin(bytea, bytea, bytea, timestamptz);
DROP FUNCTION keeper.login_level(bytea, double precision, timestamptz);
DROP TABLE keeper.login_origins;
DROP TABLE keeper.login_buckets;
DROP FUNCTION keeper.session_state(uuid, timestamptz);
DROP FUNCTION keeper.find_refresh(bytea);
DROP TABLE tenantra.session_tokens;
DROP TABLE tenantra.sessions;
