package postgres_test

import (
	"context"
	"testing"

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
