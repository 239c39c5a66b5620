package postgres_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
)

// PostgreSQL's own traps around row-level security, each shown on tables like ours.

// trapTables are a plain table, one in partitions and one that refers to the first.
const trapTables = `
SET ROLE tenantra_owner;
CREATE TABLE tenantra.trap (tenant_id int, id int, note text, PRIMARY KEY (tenant_id, id));
CALL tenantra.protect('tenantra.trap');
CREATE TABLE tenantra.trap_parts (tenant_id int NOT NULL, at int NOT NULL) PARTITION BY RANGE (at);
CALL tenantra.protect('tenantra.trap_parts');
CREATE TABLE tenantra.trap_part PARTITION OF tenantra.trap_parts FOR VALUES FROM (0) TO (1000);
CALL tenantra.protect('tenantra.trap_part');
CREATE TABLE tenantra.trap_child (tenant_id int, id int, trap_id int NOT NULL, PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, trap_id) REFERENCES tenantra.trap (tenant_id, id));
CALL tenantra.protect('tenantra.trap_child');
RESET ROLE`

type trapWorld struct {
	db          *postgres.DB
	admin       *pgx.Conn
	alpha, beta access.Scope
}

func newTrapWorld(t *testing.T) trapWorld {
	t.Helper()
	var w trapWorld
	w.db, w.admin = pgtest.NewWithAdmin(t)
	w.alpha, w.beta = pgtest.Tenant(t, w.db, "alpha"), pgtest.Tenant(t, w.db, "beta")
	if _, err := w.admin.Exec(t.Context(), trapTables); err != nil {
		t.Fatal(err)
	}
	return w
}

func code(err error) string {
	var answered *pgconn.PgError
	if errors.As(err, &answered) {
		return answered.Code
	}
	return ""
}

func TestCopyIsRefusedUnderRowSecurity(t *testing.T) {
	t.Parallel()
	w := newTrapWorld(t)
	rows := [][]any{{w.alpha.Tenant, int32(1), "mine"}, {w.alpha.Tenant, int32(2), "mine too"}}
	columns := []string{"tenant_id", "id", "note"}
	err := w.db.InScope(t.Context(), w.alpha, func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.CopyFrom(ctx, pgx.Identifier{"tenantra", "trap"}, columns, pgx.CopyFromRows(rows))
		return err
	})
	if code(err) != "0A000" {
		t.Errorf("COPY gives %v", err)
	}
	// The way around: a temporary stage, then INSERT … SELECT, which the policy judges.
	stage := func(rows [][]any) error {
		return w.db.InScope(t.Context(), w.alpha, func(ctx context.Context, tx *postgres.Tx) error {
			if _, err := tx.Exec(ctx, `CREATE TEMP TABLE stage (tenant_id int, id int, note text) ON COMMIT DROP`); err != nil {
				return err
			}
			if _, err := tx.CopyFrom(ctx, pgx.Identifier{"pg_temp", "stage"}, columns, pgx.CopyFromRows(rows)); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `INSERT INTO trap (tenant_id, id, note) SELECT tenant_id, id, note FROM pg_temp.stage`)
			return err
		})
	}
	if err := stage(rows); err != nil {
		t.Errorf("through a stage: %v", err)
	}
	if err := stage([][]any{{w.beta.Tenant, int32(1), "foreign"}}); !isDenied(err) {
		t.Errorf("another tenant's row through a stage: %v", err)
	}
}

func TestPartitionsCannotBeReadDirectly(t *testing.T) {
	t.Parallel()
	w := newTrapWorld(t)
	for i, scope := range []access.Scope{w.alpha, w.beta} {
		if err := inScope(t, w.db, scope, fmt.Sprintf(`INSERT INTO trap_parts VALUES (%d, %d)`, scope.Tenant, i)); err != nil {
			t.Fatal(err)
		}
	}
	var seen int
	err := w.db.InScope(t.Context(), w.alpha, func(ctx context.Context, tx *postgres.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM trap_parts`).Scan(&seen)
	})
	if err != nil || seen != 1 {
		t.Errorf("through the parent %d rows, %v", seen, err)
	}
	for _, sql := range []string{`SELECT * FROM trap_part`, fmt.Sprintf(`INSERT INTO trap_part VALUES (%d, 5)`, w.beta.Tenant), `DELETE FROM trap_part`} {
		if err := inScope(t, w.db, w.alpha, sql); !isDenied(err) {
			t.Errorf("%s: %v", sql, err)
		}
	}
	// Should somebody grant it all the same, the partition's own policy holds.
	if _, err := w.admin.Exec(t.Context(), `GRANT SELECT ON tenantra.trap_part TO tenantra_app`); err != nil {
		t.Fatal(err)
	}
	err = w.db.InScope(t.Context(), w.alpha, func(ctx context.Context, tx *postgres.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM trap_part`).Scan(&seen)
	})
	if err != nil || seen != 1 {
		t.Errorf("with a grant %d rows, %v", seen, err)
	}
}

// Foreign keys look past row-level security; because they start with the tenant, they tell nothing of others' rows.
func TestForeignKeysStayInTheirTenant(t *testing.T) {
	t.Parallel()
	w := newTrapWorld(t)
	if err := inScope(t, w.db, w.beta, fmt.Sprintf(`INSERT INTO trap VALUES (%d, 7, 'secret')`, w.beta.Tenant)); err != nil {
		t.Fatal(err)
	}
	existing := inScope(t, w.db, w.alpha, fmt.Sprintf(`INSERT INTO trap_child VALUES (%d, 1, 7)`, w.alpha.Tenant))
	missing := inScope(t, w.db, w.alpha, fmt.Sprintf(`INSERT INTO trap_child VALUES (%d, 1, 8)`, w.alpha.Tenant))
	if code(existing) != "23503" || code(missing) != "23503" {
		t.Errorf("a foreign row: %v, a missing row: %v", existing, missing)
	}
	if err := inScope(t, w.db, w.alpha, fmt.Sprintf(`INSERT INTO trap_child VALUES (%d, 1, 7)`, w.beta.Tenant)); !isDenied(err) {
		t.Errorf("a row for the other tenant: %v", err)
	}
	// The same holds for unique keys: the other tenant's id is no conflict here.
	if err := inScope(t, w.db, w.alpha, fmt.Sprintf(`INSERT INTO trap VALUES (%d, 7, 'own')`, w.alpha.Tenant)); err != nil {
		t.Errorf("an id that the other tenant has: %v", err)
	}
}

// A setting that was local to an earlier transaction reads ” and not NULL: the check must take both for no scope.
func TestResetSettingIsNoScope(t *testing.T) {
	t.Parallel()
	w := newTrapWorld(t)
	config := w.admin.Config().Copy()
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	visible := func() (setting *string, n int) {
		t.Helper()
		if err := conn.QueryRow(t.Context(), `SELECT current_setting('tenantra.scope', true), cardinality(keeper.visible())`).Scan(&setting, &n); err != nil {
			t.Fatal(err)
		}
		return setting, n
	}
	if setting, n := visible(); setting != nil || n != 0 {
		t.Errorf("at first: %v, %d tenants", setting, n)
	}
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `SELECT set_config('tenantra.scope', '9|{1}', true)`); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if setting, n := visible(); setting == nil || *setting != "" || n != 0 {
		t.Errorf("afterwards: %v, %d tenants", setting, n)
	}
}

// The policy must be an index condition, evaluated once; in another form it is a filter on every row.
func TestPolicyIsAnIndexCondition(t *testing.T) {
	t.Parallel()
	w := newTrapWorld(t)
	var plan string
	err := w.db.InScope(t.Context(), w.alpha, func(ctx context.Context, tx *postgres.Tx) error {
		if _, err := tx.Exec(ctx, `SET LOCAL enable_seqscan = off`); err != nil {
			return err
		}
		var text json.RawMessage
		if err := tx.QueryRow(ctx, `EXPLAIN (FORMAT JSON) SELECT note FROM trap WHERE id = 7`).Scan(&text); err != nil {
			return err
		}
		plan = string(text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(plan, `(tenant_id = ANY ($0)) AND (id = 7)`) || !strings.Contains(plan, "InitPlan") {
		t.Errorf("the plan is %s", plan)
	}
}
