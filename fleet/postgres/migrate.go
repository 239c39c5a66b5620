package postgres

import (
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Setup is what Migrate puts into the database beside the schema.
type Setup struct {
	AppPassword string // of the app role; "" leaves the role's password as it is
	ScopeKey    []byte // 32 bytes, the one that servers open the database with
}

// Migrate makes roles and schemas, brings the schema up to date and stores the scope key. adminURL signs in as a
// superuser, or as a role that owns the database and may create roles; only this function and nothing that serves uses
// it. It is safe to run on a database in use, by several processes at once, and again.
func Migrate(ctx context.Context, adminURL string, setup Setup) error {
	signer, err := newSigner(setup.ScopeKey)
	if err != nil {
		return err
	}
	config, err := pgx.ParseConfig(adminURL)
	if err != nil {
		return errors.New("database URL is malformed: write postgres://ADMIN:PASSWORD@HOST/DATABASE")
	}
	config.RuntimeParams["application_name"] = "tenantra-fleet migrate"
	if err := prepare(ctx, config, setup.AppPassword); err != nil {
		return err
	}
	if err := migrateUp(ctx, config); err != nil {
		return err
	}
	return storeScopeKey(ctx, config, signer)
}

// prepareLock is the advisory lock under which roles and schemas are made: CREATE ROLE has no IF NOT EXISTS.
const prepareLock = 0x74656e616e747261

const sqlRoles = `
DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['tenantra_owner', 'tenantra_keeper', 'tenantra_app'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', role);
        END IF;
    END LOOP;
    IF NOT pg_has_role('tenantra_owner', 'tenantra_keeper', 'MEMBER') THEN
        GRANT tenantra_keeper TO tenantra_owner;
    END IF;
    IF NOT pg_has_role(current_user, 'tenantra_owner', 'MEMBER') THEN
        EXECUTE format('GRANT tenantra_owner TO %I', current_user);
    END IF;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO tenantra_app', current_database());
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    CREATE SCHEMA IF NOT EXISTS tenantra AUTHORIZATION tenantra_owner;
    CREATE SCHEMA IF NOT EXISTS keeper AUTHORIZATION tenantra_keeper;
    CREATE SCHEMA IF NOT EXISTS jobs AUTHORIZATION tenantra_owner;
    GRANT USAGE ON SCHEMA jobs TO tenantra_app;
    GRANT USAGE ON SCHEMA tenantra TO tenantra_app, tenantra_keeper;
    GRANT USAGE ON SCHEMA keeper TO tenantra_app;
    GRANT USAGE, CREATE ON SCHEMA keeper TO tenantra_owner;
END $$`

// The password travels as a SCRAM verifier, so no log of the server can hold it.
const sqlAppLogin = `
DO $$
BEGIN
    EXECUTE format('ALTER ROLE tenantra_app LOGIN PASSWORD %L', current_setting('tenantra.verifier'));
END $$`

func prepare(ctx context.Context, config *pgx.ConnConfig, appPassword string) error {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("connect to migrate: %w", err)
	}
	defer conn.Close(ctx)
	tx, err := conn.Begin(ctx)
	if err != nil {
		return fmt.Errorf("prepare database: %w", err)
	}
	defer tx.Rollback(ctx)
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, prepareLock); err != nil {
		return fmt.Errorf("prepare database: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlRoles); err != nil {
		return fmt.Errorf("make roles and schemas: %w", err)
	}
	if appPassword != "" {
		verifier, err := scramVerifier(appPassword)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `SELECT set_config('tenantra.verifier', $1, true)`, verifier); err != nil {
			return fmt.Errorf("set password of app role: %w", err)
		}
		if _, err := tx.Exec(ctx, sqlAppLogin); err != nil {
			return fmt.Errorf("set password of app role: %w", err)
		}
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("prepare database: %w", err)
	}
	return nil
}

func migrateUp(ctx context.Context, config *pgx.ConnConfig) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	db := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, `SET ROLE tenantra_owner`)
		return err
	}))
	defer db.Close()
	provider, err := newProvider(db, files)
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate database: %w", err)
	}
	return nil
}

// newProvider allows migrations out of order, because each feature has its own range of numbers and grows in it.
func newProvider(db *sql.DB, files fs.FS) (*goose.Provider, error) {
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, fmt.Errorf("prepare migrations: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithSessionLocker(locker),
		goose.WithTableName("tenantra.schema_versions"), goose.WithAllowOutofOrder(true), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, fmt.Errorf("prepare migrations: %w", err)
	}
	return provider, nil
}

const sqlStoreScopeKey = `
INSERT INTO keeper.scope_keys (key_id, inner_pad, outer_pad)
VALUES (sha256($1::bytea || $2::bytea), $1, $2)
ON CONFLICT (key_id) DO UPDATE SET created_at = now()`

const sqlDropOldScopeKeys = `
DELETE FROM keeper.scope_keys
 WHERE key_id NOT IN (SELECT key_id FROM keeper.scope_keys ORDER BY created_at DESC, key_id LIMIT 2)`

func storeScopeKey(ctx context.Context, config *pgx.ConnConfig, signer signer) error {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("store scope key: %w", err)
	}
	defer conn.Close(ctx)
	inner, outer := signer.pads()
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SET LOCAL ROLE tenantra_keeper`); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlStoreScopeKey, inner, outer); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, sqlDropOldScopeKeys)
		return err
	})
	if err != nil {
		return fmt.Errorf("store scope key: %w", err)
	}
	return nil
}

const scramIterations = 4096 // PostgreSQL's own number; the password is 256 random bits where we make it

// scramVerifier gives what PostgreSQL stores of a password, after RFC 5803.
func scramVerifier(password string) (string, error) {
	salt := make([]byte, 16)
	rand.Read(salt)
	salted, err := pbkdf2.Key(sha256.New, password, salt, scramIterations, sha256.Size)
	if err != nil {
		return "", fmt.Errorf("derive password verifier: %w", err)
	}
	keyed := func(text string) []byte {
		hash := hmac.New(sha256.New, salted)
		hash.Write([]byte(text))
		return hash.Sum(nil)
	}
	stored := sha256.Sum256(keyed("Client Key"))
	text := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s", scramIterations, text(salt), text(stored[:]), text(keyed("Server Key"))), nil
}
