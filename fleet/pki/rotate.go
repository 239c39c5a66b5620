package pki

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Column is a column of the database that holds sealed secrets, and how they are sealed anew.
type Column struct {
	Table, Column string // as in Place
	// List selects row (as in Place, text) and sealed text of the tenant $1 whose key is not $2, at most $3 of them. Texts that
	// are no sealed secrets are left out.
	List string
	// Swap puts the text $4 in the place of $3 in row $2 of the tenant $1, if it is still there.
	Swap string
}

const (
	resealPage     = 100
	retiredLife    = time.Hour // longer than any server goes on sealing with a key
	resealInterval = time.Hour
)

// Rotator changes keys: the KEK, which only wraps the tenants' keys anew, and the tenants' keys, with which each secret is
// sealed anew. Both may be interrupted at any point and done again, while servers go on.
type Rotator struct {
	Sealer  *Sealer
	Columns []Column
	Tenants func(context.Context) ([]int32, error) // every tenant of the installation
	Log     *slog.Logger
}

// Run seals anew what is sealed with old keys, of all tenants at once and then every hour, until ctx ends.
func (r *Rotator) Run(ctx context.Context) error {
	tick := time.NewTicker(resealInterval)
	defer tick.Stop()
	for {
		tenants, err := r.Tenants(ctx)
		for _, tenant := range tenants {
			if _, one := r.Reseal(ctx, tenant); one != nil {
				err = errors.Join(err, one)
			}
		}
		if err != nil && ctx.Err() == nil {
			r.Log.ErrorContext(ctx, "secrets sealed with old keys are left; it is tried again", "err", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// Renew gives a tenant a new key. What is sealed from now on is sealed with it, on other servers within a minute.
func (r *Rotator) Renew(ctx context.Context, tenant int32) error {
	s := r.Sealer
	err := s.db.InScope(ctx, access.System(tenant, "keys"), func(ctx context.Context, tx *postgres.Tx) error {
		if err := tx.Lock(ctx, postgres.TenantKeys, tx.Scope.Tenant); err != nil {
			return err
		}
		if err := s.create(ctx, tx); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "keys.renew", Object: "tenant_key"})
	})
	if err != nil {
		return fmt.Errorf("renew key of tenant %d: %w", tenant, err)
	}
	_, err = s.load(tenant, false)
	return err
}

// Reseal seals anew all of a tenant's secrets that are not sealed with its present key, and gives their number. Then keys
// that have been out of use for long enough go.
func (r *Rotator) Reseal(ctx context.Context, tenant int32) (done int, err error) {
	for _, column := range r.Columns {
		for {
			n, err := r.page(ctx, tenant, column)
			done += n
			if err != nil {
				return done, fmt.Errorf("seal %s.%s of tenant %d anew: %w", column.Table, column.Column, tenant, err)
			}
			if n < resealPage {
				break
			}
		}
	}
	err = r.Sealer.db.InScope(ctx, access.System(tenant, "keys"), func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM tenant_keys WHERE tenant_id = $1 AND retired_at < $2`, tenant, tx.Now.Add(-retiredLife))
		return err
	})
	if err != nil {
		return done, fmt.Errorf("drop old keys of tenant %d: %w", tenant, err)
	}
	return done, nil
}

// page seals up to resealPage secrets of a column anew, in one transaction.
func (r *Rotator) page(ctx context.Context, tenant int32, column Column) (n int, err error) {
	s := r.Sealer
	known, err := s.recent(tenant, false)
	if err != nil {
		return 0, err
	}
	type old struct{ Row, Text string }
	err = s.db.InScope(ctx, access.System(tenant, "keys"), func(ctx context.Context, tx *postgres.Tx) error {
		n = 0
		rows, err := tx.Query(ctx, column.List, tenant, known.current, resealPage) //lint:allow constantSQL columns are constants
		if err != nil {
			return err
		}
		found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[old])
		if err != nil {
			return err
		}
		for _, o := range found {
			p := Place{Tenant: tenant, Table: column.Table, Column: column.Column, Row: o.Row}
			secret, err := s.Open(o.Text, p)
			if err != nil {
				return fmt.Errorf("row %s: %w", o.Row, err)
			}
			text, err := s.Seal(secret, p)
			if err != nil {
				return fmt.Errorf("row %s: %w", o.Row, err)
			}
			if _, err := tx.Exec(ctx, column.Swap, tenant, o.Row, o.Text, text); err != nil { //lint:allow constantSQL columns are constants
				return fmt.Errorf("row %s: %w", o.Row, err)
			}
		}
		n = len(found)
		return nil
	})
	return n, err
}

// Rewrap changes the KEK to the key in a file, made where it is missing, and wraps all tenants' keys anew. The KEK's own
// file holds both keys until all is done, so that servers which share it go on; then the old one is gone.
func (r *Rotator) Rewrap(ctx context.Context, next string) (done int, err error) {
	s := r.Sealer
	fresh, err := OpenKEK(next)
	if err != nil {
		return 0, err
	}
	if same, err := filepath.EvalSymlinks(next); err == nil {
		if own, err := filepath.EvalSymlinks(s.kek.path); err == nil && own == same {
			return 0, errors.New("the new key must be another file than the one in use")
		}
	}
	key := fresh.current()
	if err := s.kek.read(); err != nil {
		return 0, err
	}
	s.kek.mu.Lock()
	keys := []wrappingKey{key}
	for _, old := range s.kek.keys {
		if old.id != key.id {
			keys = append(keys, old)
		}
	}
	s.kek.mu.Unlock()
	if err := s.kek.replace(keys...); err != nil {
		return 0, err
	}
	tenants, err := r.Tenants(ctx)
	if err != nil {
		return 0, err
	}
	for _, tenant := range tenants {
		n, err := r.rewrapTenant(ctx, tenant)
		if done += n; err != nil {
			return done, fmt.Errorf("wrap keys of tenant %d anew: %w", tenant, err)
		}
		// What was sealed before tenants had keys is sealed with a key derived from the old KEK.
		if _, err := r.Reseal(ctx, tenant); err != nil {
			return done, err
		}
	}
	return done, s.kek.replace(key)
}

const sqlRewrap = `UPDATE tenant_keys SET kek_id = $3, wrapped = $4 WHERE tenant_id = $1 AND key_id = $2`

func (r *Rotator) rewrapTenant(ctx context.Context, tenant int32) (n int, err error) {
	s := r.Sealer
	err = s.db.InScope(ctx, access.System(tenant, "keys"), func(ctx context.Context, tx *postgres.Tx) error {
		n = 0
		if err := tx.Lock(ctx, postgres.TenantKeys, tx.Scope.Tenant); err != nil {
			return err
		}
		found, err := listKeys(ctx, tx)
		if err != nil {
			return err
		}
		with := s.kek.current()
		for _, w := range found {
			if w.KEK == with.id {
				continue
			}
			key, err := s.unwrap(tenant, w)
			if err != nil {
				return err
			}
			text, err := with.wrap(tenant, w.ID, key)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, sqlRewrap, tenant, w.ID, with.id, text); err != nil {
				return err
			}
			n++
		}
		if n == 0 {
			return nil
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "keys.rewrap", Object: "tenant_key", Detail: map[string]int{"keys": n}})
	})
	return n, err
}
