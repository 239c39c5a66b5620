package postgres_test

import (
	"context"
	"testing"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
)

func countTenants(t *testing.T, ctx context.Context, tx *postgres.Tx) int {
	t.Helper()
	var n int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM tenants`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestScopeSeesItsTenantsOnly(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	alpha := pgtest.Tenant(t, db, "alpha")
	pgtest.Tenant(t, db, "beta")
	site := pgtest.Tenant(t, db, "site", alpha.Tenant)
	wide := alpha
	wide.Visible = []int32{alpha.Tenant, site.Tenant}
	err := db.InScope(t.Context(), alpha, func(ctx context.Context, tx *postgres.Tx) error {
		if n := countTenants(t, ctx, tx); n != 1 {
			t.Errorf("one tenant's scope sees %d tenants", n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.InScope(t.Context(), wide, func(ctx context.Context, tx *postgres.Tx) error {
		if n := countTenants(t, ctx, tx); n != 2 {
			t.Errorf("a subtree's scope sees %d tenants, want 2", n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Who sees a subtree writes to the tenant acted in, and to the rest of it only where the call says so.
func TestScopeWritesToItsTenantOnly(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	alpha := pgtest.Tenant(t, db, "alpha")
	site := pgtest.Tenant(t, db, "site", alpha.Tenant)
	wide := alpha
	wide.Visible = []int32{alpha.Tenant, site.Tenant}
	const insert = `INSERT INTO collections (tenant_id, name, created_at) VALUES ($1, $2, now())`
	run := func(in func(context.Context, access.Scope, func(context.Context, *postgres.Tx) error) error, sql string, args ...any) (rows int64, err error) {
		err = in(t.Context(), wide, func(ctx context.Context, tx *postgres.Tx) error {
			tag, err := tx.Exec(ctx, sql, args...)
			rows = tag.RowsAffected()
			return err
		})
		return rows, err
	}
	if _, err := run(db.InScope, insert, alpha.Tenant, "own"); err != nil {
		t.Errorf("into the tenant acted in: %v", err)
	}
	if _, err := run(db.InSubtree, insert, site.Tenant, "named"); err != nil {
		t.Errorf("into a tenant of the subtree, named: %v", err)
	}
	for _, sql := range []string{insert, `UPDATE collections SET name = $2 WHERE tenant_id = $1`, `UPDATE collections SET tenant_id = $1 WHERE name = 'own' AND $2 <> ''`} {
		if _, err := run(db.InScope, sql, site.Tenant, "stolen"); err == nil {
			t.Errorf("%s was carried out in another tenant that is only visible", sql)
		}
	}
	if n, err := run(db.InScope, `DELETE FROM collections WHERE tenant_id = $1`, site.Tenant); err != nil || n != 0 {
		t.Errorf("%d rows of another tenant that is only visible were deleted: %v", n, err)
	}
	if n, err := run(db.InSubtree, `DELETE FROM collections WHERE tenant_id = $1`, site.Tenant); err != nil || n != 1 {
		t.Errorf("%d rows of a named tenant were deleted, want 1: %v", n, err)
	}
}
