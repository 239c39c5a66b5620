package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
)

// inScope runs SQL as the app role in a scope and gives its error.
func inScope(t *testing.T, db *postgres.DB, scope access.Scope, sql ...string) error {
	t.Helper()
	return db.InScope(t.Context(), scope, func(ctx context.Context, tx *postgres.Tx) error {
		for _, statement := range sql {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
}

// outside runs SQL as the app role without any scope.
func outside(t *testing.T, db *postgres.DB, sql string, args ...any) (n int, err error) {
	t.Helper()
	err = db.Lookup(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, sql, args...).Scan(&n)
	})
	return n, err
}

func isDenied(err error) bool {
	var answered *pgconn.PgError
	return errors.As(err, &answered) && answered.Code == "42501"
}

// S2: without a scope every table is empty, also on a connection that had one before.
func TestWithoutScopeNothingIsSeen(t *testing.T) {
	t.Parallel()
	db, admin := pgtest.NewWithAdmin(t)
	alpha := pgtest.Tenant(t, db, "alpha")
	if err := inScope(t, db, alpha, `SELECT FROM tenants`); err != nil { // the pool now has a connection whose setting was reset
		t.Fatal(err)
	}
	rows, err := admin.Query(t.Context(), `SELECT relname FROM pg_class WHERE relnamespace = 'tenantra'::regnamespace AND relkind IN ('r', 'p', 'v')
		AND has_table_privilege('tenantra_app', oid, 'SELECT')`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 5 {
		t.Fatalf("tables %v %v", tables, err)
	}
	for _, table := range tables {
		for range 8 { // more often than the pool has connections
			if n, err := outside(t, db, `SELECT count(*) FROM `+pgx.Identifier{table}.Sanitize()); err != nil || n != 0 {
				t.Errorf("%s: %d rows, %v", table, n, err)
			}
		}
	}
}

// S3: what SQL smuggled into a statement could try as the app role.
func TestAppRoleCannotWidenItsScope(t *testing.T) {
	t.Parallel()
	db, admin := pgtest.NewWithAdmin(t)
	alpha, beta := pgtest.Tenant(t, db, "alpha"), pgtest.Tenant(t, db, "beta")
	for _, test := range []struct {
		name string
		sql  []string
	}{
		{"forged scope", []string{fmt.Sprintf(`SELECT set_config('tenantra.scope', '%d|{%d}', true)`, time.Now().Add(time.Hour).Unix(), beta.Tenant), `SELECT count(*) FROM tenants`}},
		{"scope widened in place", []string{fmt.Sprintf(`SELECT set_config('tenantra.scope', replace(current_setting('tenantra.scope'), '}', ',%d}'), true)`, beta.Tenant), `SELECT count(*) FROM tenants`}},
		{"expiry moved", []string{`SELECT set_config('tenantra.scope', '9' || current_setting('tenantra.scope'), true)`, `SELECT count(*) FROM tenants`}},
		{"empty code", []string{`SELECT set_config('tenantra.scope_mac', '', true)`, `SELECT count(*) FROM tenants`}},
		{"nonsense scope", []string{`SELECT set_config('tenantra.scope', 'x', true)`, `SELECT count(*) FROM tenants`}},
		{"read the key", []string{`SELECT * FROM keeper.scope_keys`}},
		{"write a key", []string{`INSERT INTO keeper.scope_keys VALUES ('x', repeat('x', 64)::bytea, repeat('x', 64)::bytea)`}},
		{"helper of the migrations", []string{`CALL keeper.keep('keeper.visible()')`}},
		{"protect", []string{`CALL tenantra.protect('tenantra.tenants')`}},
		{"inner function", []string{`SELECT keeper.login_level('\x00', 1, now())`}},
		{"replace the check", []string{`CREATE OR REPLACE FUNCTION keeper.visible() RETURNS int[] LANGUAGE sql AS 'SELECT ARRAY[1]'`}},
		{"become the owner", []string{`SET ROLE tenantra_owner`}},
		{"become the keeper", []string{`SET ROLE tenantra_keeper`}},
		{"become the administrator", []string{`SET ROLE tenantra_admin`}},
		{"switch isolation off", []string{`ALTER TABLE tenantra.tenants DISABLE ROW LEVEL SECURITY`}},
		{"row security off", []string{`SET LOCAL row_security = off`, `SELECT count(*) FROM tenants`}},
		{"truncate", []string{`TRUNCATE tenantra.users CASCADE`}},
		{"a policy of one's own", []string{`CREATE POLICY mine ON tenantra.tenants USING (true)`}},
		{"write another tenant's row", []string{fmt.Sprintf(`INSERT INTO audit_heads (tenant_id, seq, hash) VALUES (%d, 1, sha256(''))`, beta.Tenant)}},
		{"tenant without the keeper", []string{`INSERT INTO tenants (public_id, path, name, slug, plan, created_by, created_at, last_modified_by, last_modified_at)
			VALUES (gen_random_uuid(), '{9}', 'x', 'x', 'free', 'x', now(), 'x', now())`}},
		{"files", []string{`SELECT pg_read_file('postgresql.conf')`}},
		{"programs", []string{`COPY (SELECT 1) TO PROGRAM 'true'`}},
		{"other people's statements", []string{`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tenantra_admin'`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := inScope(t, db, alpha, test.sql...); !isDenied(err) {
				t.Errorf("%v, want it denied", err)
			}
		})
	}
	t.Run("move a row to another tenant", func(t *testing.T) {
		err := inScope(t, db, alpha, `INSERT INTO audit_heads (tenant_id, seq, hash) VALUES (`+fmt.Sprint(alpha.Tenant)+`, 1, sha256(''))`,
			fmt.Sprintf(`UPDATE audit_heads SET tenant_id = %d`, beta.Tenant))
		if !isDenied(err) {
			t.Errorf("%v, want it denied", err)
		}
	})
	t.Run("child of another tenant", func(t *testing.T) {
		err := inScope(t, db, alpha, fmt.Sprintf(`SELECT keeper.create_tenant(%d, gen_random_uuid(), 'x', 'x', 'free', 'x', now())`, beta.Tenant))
		var answered *pgconn.PgError
		if !errors.As(err, &answered) || answered.Code != "P0002" {
			t.Errorf("%v", err)
		}
	})
	t.Run("temporary shadows", func(t *testing.T) {
		// Names in pg_temp come last in every search path of ours, so they shadow nothing.
		var n int
		err := db.InScope(t.Context(), alpha, func(ctx context.Context, tx *postgres.Tx) error {
			for _, sql := range []string{
				`CREATE TEMP TABLE tenants AS SELECT generate_series(1, 99) AS id`,
				`CREATE FUNCTION pg_temp.current_setting(text, boolean) RETURNS text LANGUAGE sql AS $$SELECT '9999999999|{1,2,3,4}'$$`,
				`CREATE FUNCTION pg_temp.sha256(bytea) RETURNS bytea LANGUAGE sql AS $$SELECT ''::bytea$$`,
			} {
				if _, err := tx.Exec(ctx, sql); err != nil {
					return err
				}
			}
			return tx.QueryRow(ctx, `SELECT count(*) FROM tenants`).Scan(&n)
		})
		if err != nil || n != 1 {
			t.Errorf("%d tenants seen, %v", n, err)
		}
	})
	var untouched int
	if err := admin.QueryRow(t.Context(), `SELECT count(*) FROM tenantra.audit_heads`).Scan(&untouched); err != nil || untouched != 0 {
		t.Errorf("%d rows were left behind, %v", untouched, err)
	}
}

// The scope ends five minutes after it was signed, judged when the transaction starts.
func TestScopeExpires(t *testing.T) {
	t.Parallel()
	db, admin := pgtest.NewWithAdmin(t)
	alpha := pgtest.Tenant(t, db, "alpha")
	var scope, mac string
	err := db.InScope(t.Context(), alpha, func(ctx context.Context, tx *postgres.Tx) error {
		return tx.QueryRow(ctx, `SELECT current_setting('tenantra.scope'), current_setting('tenantra.scope_mac')`).Scan(&scope, &mac)
	})
	if err != nil {
		t.Fatal(err)
	}
	var expiry int64
	if _, err := fmt.Sscanf(scope, "%d|", &expiry); err != nil {
		t.Fatalf("scope %q: %v", scope, err)
	}
	if life := time.Until(time.Unix(expiry, 0)); life > 5*time.Minute || life < 4*time.Minute {
		t.Errorf("the scope lives for %s", life)
	}
	// The same scope signed for a time that is over: signed with the key that the test reads as superuser.
	expired := fmt.Sprintf("%d|{%d}", time.Now().Add(-time.Second).Unix(), alpha.Tenant)
	var code string
	err = admin.QueryRow(t.Context(), `SELECT encode(sha256(outer_pad || sha256(inner_pad || convert_to($1, 'UTF8'))), 'hex') FROM keeper.scope_keys`, expired).Scan(&code)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := visible(t, db, expired, code); !isDenied(err) || !strings.Contains(err.Error(), "expired") {
		t.Errorf("an expired scope gives %v", err)
	}
	// The same text with a live expiry is accepted, so the refusal above was for the time.
	live := fmt.Sprintf("%d|{%d}", time.Now().Add(time.Minute).Unix(), alpha.Tenant)
	err = admin.QueryRow(t.Context(), `SELECT encode(sha256(outer_pad || sha256(inner_pad || convert_to($1, 'UTF8'))), 'hex') FROM keeper.scope_keys`, live).Scan(&code)
	if err != nil {
		t.Fatal(err)
	}
	n, err := visible(t, db, live, code)
	if err != nil || n != 1 {
		t.Errorf("a live scope sees %d tenants, %v", n, err)
	}
}

// visible counts the tenants that a scope set by hand sees.
func visible(t *testing.T, db *postgres.DB, scope, code string) (n int, err error) {
	t.Helper()
	err = db.Lookup(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT set_config('tenantra.scope', $1, true), set_config('tenantra.scope_mac', $2, true)`, scope, code); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT count(*) FROM tenants`).Scan(&n)
	})
	return n, err
}

func TestScopeIsNotShownToOthers(t *testing.T) {
	t.Parallel()
	db, admin := pgtest.NewWithAdmin(t)
	alpha := pgtest.Tenant(t, db, "alpha")
	err := db.InScope(t.Context(), alpha, func(ctx context.Context, _ *postgres.Tx) error {
		var query string
		err := admin.QueryRow(ctx, `SELECT query FROM pg_stat_activity WHERE usename = 'tenantra_app' AND datname = current_database() AND state = 'idle in transaction'`).Scan(&query)
		if err == nil && strings.Contains(query, fmt.Sprint("{", alpha.Tenant, "}")) {
			t.Errorf("the activity view shows %q", query)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestScopeMustSeeItsOwnTenant(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for name, scope := range map[string]access.Scope{
		"empty": {}, "sees nothing": {Tenant: 1}, "sees others only": {Tenant: 1, Visible: []int32{2}}, "negative": {Tenant: -1, Visible: []int32{-1}},
	} {
		if err := inScope(t, db, scope, `SELECT 1`); err == nil {
			t.Errorf("%s: let in", name)
		}
	}
	alpha := pgtest.Tenant(t, db, "alpha")
	if err := db.InTenants(t.Context(), []int32{alpha.Tenant}, alpha.Actor, func(context.Context, *postgres.Tx) error { return nil }); err == nil {
		t.Error("a person got several tenants at once")
	}
}
