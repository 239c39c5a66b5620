// Package postgres is the only way to the database. It starts and migrates it, and opens transactions that see the
// tenants of one access.Scope and nothing else.
//
// Row-level security decides what a transaction sees. The scope is authenticated: the server signs it with a key that
// the serving role cannot read in the database, so that SQL smuggled into a statement cannot widen its own scope.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Names of the three roles. Only the app role can sign in.
const (
	RoleOwner  = "tenantra_owner"
	RoleKeeper = "tenantra_keeper"
	RoleApp    = "tenantra_app"
)

// RootTenant is the id of the tree's root, the installation itself. The first migration makes it.
const RootTenant int32 = 1

// Config says how to reach the database as the app role.
type Config struct {
	URL      string           // connection URL or key=value string of the app role
	ScopeKey []byte           // 32 bytes: signs scopes; the same that Migrate stored
	MaxConns int32            // 0: 16
	Wait     time.Duration    // how long a call waits for a database that restarts; 0: 30 s
	Now      func() time.Time // nil: time.Now
	Log      *slog.Logger     // nil: discarded
}

// DB is a pool of connections of the app role. It is safe for concurrent use.
type DB struct {
	pool         *pgxpool.Pool
	signer       signer
	wait         time.Duration
	now          func() time.Time
	log          *slog.Logger
	installation uuid.UUID
}

// Open connects as the app role. It refuses a role that could bypass row-level security, and a database that Migrate
// has not prepared.
func Open(ctx context.Context, config Config) (*DB, error) {
	signer, err := newSigner(config.ScopeKey)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.ParseConfig(config.URL)
	if err != nil {
		return nil, errors.New("database URL is malformed: write postgres://tenantra_app:PASSWORD@HOST/DATABASE") // pgx's text may hold the password
	}
	pool.MaxConns = config.MaxConns
	if pool.MaxConns == 0 {
		pool.MaxConns = 16
	}
	parameters := pool.ConnConfig.RuntimeParams
	parameters["application_name"] = "tenantra-fleet"
	parameters["search_path"] = "pg_catalog, tenantra, pg_temp"
	parameters["timezone"] = "UTC"
	parameters["statement_timeout"] = "120s"
	parameters["lock_timeout"] = "30s"
	parameters["idle_in_transaction_session_timeout"] = "60s"
	db := &DB{signer: signer, wait: config.Wait, now: config.Now, log: config.Log}
	if db.wait == 0 {
		db.wait = 30 * time.Second
	}
	if db.now == nil {
		db.now = time.Now
	}
	if db.log == nil {
		db.log = slog.New(slog.DiscardHandler)
	}
	if db.pool, err = pgxpool.NewWithConfig(ctx, pool); err != nil {
		return nil, fmt.Errorf("open database pool: %w", err)
	}
	if err := db.Lookup(ctx, db.checkRole); err != nil {
		db.pool.Close()
		return nil, err
	}
	if err := db.Lookup(ctx, db.readInstallation); err != nil {
		db.pool.Close()
		return nil, err
	}
	return db, nil
}

// Close ends all connections; it waits for transactions that run.
func (db *DB) Close() { db.pool.Close() }

// JobPool opens connections for the job runner, at most as many as given. They are of the same role and never carry a
// scope: row-level security shows them no row of any tenant, so that nothing but the runner's own schema can be reached
// through them (docs/decisions/0010). The caller closes the pool.
func (db *DB) JobPool(ctx context.Context, conns int32) (*pgxpool.Pool, error) {
	config := db.pool.Config()
	config.MaxConns = conns
	config.ConnConfig.RuntimeParams["application_name"] = "tenantra-fleet jobs"
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open database pool of jobs: %w", err)
	}
	return pool, nil
}

// Installation is the public id of the root tenant; it names the installation in tokens, subjects and signatures.
func (db *DB) Installation() uuid.UUID { return db.installation }

// Ping tells whether the database answers now, without waiting for one that restarts.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.pool.Ping(ctx); err != nil {
		return fmt.Errorf("ping database: %w", err)
	}
	return nil
}

const sqlRolePower = `
SELECT r.rolname
  FROM pg_catalog.pg_roles r
 WHERE pg_catalog.pg_has_role(current_user, r.oid, 'MEMBER')
   AND (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolname IN ('tenantra_owner', 'tenantra_keeper'))
 ORDER BY r.rolname
 LIMIT 1`

// checkRole refuses a role that is, or can become, one that row-level security does not bind.
func (db *DB) checkRole(ctx context.Context, tx pgx.Tx) error {
	var role string
	err := tx.QueryRow(ctx, sqlRolePower).Scan(&role)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("check database role: %w", err)
	}
	return fmt.Errorf("refusing to serve: the database role has the powers of %q and could bypass tenant isolation; connect as %s", role, RoleApp)
}

const sqlInstallation = `SELECT keeper.installation()`

func (db *DB) readInstallation(ctx context.Context, tx pgx.Tx) error {
	if err := tx.QueryRow(ctx, sqlInstallation).Scan(&db.installation); err != nil {
		return fmt.Errorf("read installation: %w (is the database migrated? run tenantra-fleet migrate)", err)
	}
	return nil
}
