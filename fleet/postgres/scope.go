package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
)

// Tx is a transaction that belongs to one scope. Begin, Commit and Rollback are InScope's business, not its user's.
type Tx struct {
	pgx.Tx
	Scope access.Scope
	Now   time.Time // one clock reading, UTC, whole microseconds as PostgreSQL keeps them

	afterCommit *[]func() // of the transaction, whoever looks at it
}

// AfterCommit has fn called once the transaction is stored, in order; never when it is rolled back. Live events are
// published here, so that nobody hears of a change that did not happen.
func (tx *Tx) AfterCommit(fn func()) { *tx.afterCommit = append(*tx.afterCommit, fn) }

// As gives the same transaction as one of its tenants and an actor see it, for work that writes to several tenants or tells
// what several did. What may be read and written stays what it is.
func (tx *Tx) As(tenant int32, id uuid.UUID, actor access.Actor) *Tx {
	other := *tx
	other.Scope.Tenant, other.Scope.TenantID, other.Scope.Actor = tenant, id, actor
	return &other
}

// InScope runs fn in a transaction that sees the scope's visible tenants and writes to its own tenant, and commits when fn
// returns nil. It is the only door to tenant data.
//
// fn may run more than once: after a deadlock, a serialization failure, or when the database went away before the
// commit was sent. It must therefore set its results rather than add to them, and have no effect outside of tx except
// through AfterCommit. While the database restarts InScope waits, at most Config.Wait, then returns fault.Unavailable.
func (db *DB) InScope(ctx context.Context, scope access.Scope, fn func(ctx context.Context, tx *Tx) error) error {
	if scope.Tenant <= 0 || !scope.Sees(scope.Tenant) {
		return fmt.Errorf("scope of %s does not see its own tenant %d", scope.Actor, scope.Tenant)
	}
	return db.inScope(ctx, scope, []int32{scope.Tenant}, fn)
}

// InSubtree is InScope for one piece of a person's work that writes to several tenants of the scope, whose rights there the
// caller has checked.
func (db *DB) InSubtree(ctx context.Context, scope access.Scope, fn func(ctx context.Context, tx *Tx) error) error {
	if scope.Tenant <= 0 || !scope.Sees(scope.Tenant) {
		return fmt.Errorf("scope of %s does not see its own tenant %d", scope.Actor, scope.Tenant)
	}
	return db.inScope(ctx, scope, scope.Visible, fn)
}

func (db *DB) inScope(ctx context.Context, scope access.Scope, writable []int32, fn func(ctx context.Context, tx *Tx) error) error {
	return db.retry(ctx, func(ctx context.Context) error { return db.once(ctx, scope, writable, fn) })
}

// InTenants is InScope for the server's own work on several tenants at once, such as storing a group of batches: it reads
// and writes all of them. The scope's own tenant is the first.
func (db *DB) InTenants(ctx context.Context, tenants []int32, actor access.Actor, fn func(ctx context.Context, tx *Tx) error) error {
	if len(tenants) == 0 || actor.Kind != access.KindSystem {
		return errors.New("several tenants at once are for the system only, and at least one must be named")
	}
	scope := access.Scope{Tenant: tenants[0], Visible: slices.Clone(tenants), Actor: actor}
	return db.InSubtree(ctx, scope, fn)
}

// Lookup runs fn in a transaction without scope: row-level security shows it no row at all. It exists for the named
// definer functions in schema keeper that answer before a tenant is known (sign-in, tokens, agent keys). Like InScope's,
// fn may run more than once.
func (db *DB) Lookup(ctx context.Context, fn func(ctx context.Context, tx pgx.Tx) error) error {
	return db.retry(ctx, func(ctx context.Context) error {
		return db.transact(ctx, func(tx pgx.Tx) error { return fn(ctx, tx) })
	})
}

const sqlSubtree = `SELECT keeper.subtree($1)`

// Subtree gives the ids of a tenant and all tenants below it, in order, for the server's own work over many tenants.
func (db *DB) Subtree(ctx context.Context, tenant int32) (ids []int32, err error) {
	err = db.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, sqlSubtree, tenant).Scan(&ids)
	})
	if err != nil {
		return nil, fmt.Errorf("list subtree of tenant %d: %w", tenant, err)
	}
	return ids, nil
}

// Both settings are local to the transaction and sent as parameters, so neither pg_stat_activity nor a log shows them.
const sqlSetScope = `SELECT set_config('tenantra.scope', $1, true), set_config('tenantra.scope_mac', $2, true)`

func (db *DB) once(ctx context.Context, scope access.Scope, writable []int32, fn func(ctx context.Context, tx *Tx) error) error {
	now := db.now().UTC().Truncate(time.Microsecond)
	tx := &Tx{Scope: scope, Now: now, afterCommit: &[]func(){}}
	err := db.transact(ctx, func(inner pgx.Tx) error {
		tx.Tx = inner
		settings, mac := db.signer.sign(scope.Visible, writable, time.Now()) // the database judges by its own clock, not by a test's
		if _, err := inner.Exec(ctx, sqlSetScope, settings, mac); err != nil {
			return fmt.Errorf("set scope: %w", err)
		}
		return fn(ctx, tx)
	})
	if err != nil {
		return err
	}
	for _, after := range *tx.afterCommit {
		after()
	}
	return nil
}
