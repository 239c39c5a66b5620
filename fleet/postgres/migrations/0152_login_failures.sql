-- Failed sign-ins of an account, by hour, so that many addresses with a guess each are noticed. Keys are HMACs made by the
-- server, as those of the buckets.

-- +goose Up
CREATE TABLE keeper.login_failures (
    account  bytea NOT NULL,
    hour     timestamptz NOT NULL,
    failures int NOT NULL,
    PRIMARY KEY (account, hour)
);
CREATE INDEX login_failures_old ON keeper.login_failures (hour);
ALTER TABLE keeper.login_failures OWNER TO tenantra_keeper;

-- +goose StatementBegin
CREATE FUNCTION keeper.login_failed(failing bytea, at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
-- Counts a failed sign-in, and drops what is a day old.
BEGIN
    INSERT INTO keeper.login_failures AS f VALUES (failing, date_trunc('hour', at), 1)
    ON CONFLICT (account, hour) DO UPDATE SET failures = f.failures + 1;
    DELETE FROM keeper.login_failures f WHERE (f.account, f.hour) IN (
        SELECT o.account, o.hour FROM keeper.login_failures o WHERE o.hour < at - interval '25 hours' LIMIT 20 FOR UPDATE SKIP LOCKED);
END $$;
-- +goose StatementEnd
CALL keeper.keep('keeper.login_failed(bytea, timestamptz)');

-- +goose StatementBegin
CREATE FUNCTION keeper.login_guarded(wanted bytea, origin bytea, most int, at timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
-- Whether so many sign-ins of an account failed within a day that one from where its right password never came needs more.
BEGIN
    RETURN coalesce((SELECT sum(f.failures) FROM keeper.login_failures f WHERE f.account = wanted AND f.hour > at - interval '24 hours'), 0) >= most
       AND NOT EXISTS (SELECT FROM keeper.login_origins o WHERE o.origin = login_guarded.origin AND o.last_at > at - interval '90 days');
END $$;
-- +goose StatementEnd
CALL keeper.keep('keeper.login_guarded(bytea, bytea, int, timestamptz)');

-- +goose StatementBegin
CREATE FUNCTION keeper.login_forgiven(wanted bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    DELETE FROM keeper.login_failures f WHERE f.account = wanted;
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.login_forgiven(bytea)');

-- +goose Down
SET LOCAL ROLE tenantra_keeper;
DROP FUNCTION keeper.login_forgiven(bytea);
DROP FUNCTION keeper.login_guarded(bytea, bytea, int, timestamptz);
DROP FUNCTION keeper.login_failed(bytea, timestamptz);
DROP TABLE keeper.login_failures;
SET LOCAL ROLE tenantra_owner;
