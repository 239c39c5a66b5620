package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
)

func TestErrorsRollBack(t *testing.T) {
	t.Parallel()
	w := newTrapWorld(t)
	stop := errors.New("stop")
	published := false
	err := w.db.InScope(t.Context(), w.alpha, func(ctx context.Context, tx *postgres.Tx) error {
		tx.AfterCommit(func() { published = true })
		if _, err := tx.Exec(ctx, `INSERT INTO trap VALUES ($1, 1, '')`, w.alpha.Tenant); err != nil {
			return err
		}
		return stop
	})
	if !errors.Is(err, stop) || published {
		t.Errorf("error %v, published %v", err, published)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic got lost")
			}
		}()
		_ = w.db.InScope(t.Context(), w.alpha, func(ctx context.Context, tx *postgres.Tx) error {
			if _, err := tx.Exec(ctx, `INSERT INTO trap VALUES ($1, 2, '')`, w.alpha.Tenant); err != nil {
				return err
			}
			panic("broken invariant")
		})
	}()
	var n int
	if err := w.admin.QueryRow(t.Context(), `SELECT count(*) FROM tenantra.trap`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d rows are left, %v", n, err)
	}
}

func TestAfterCommitRunsInOrder(t *testing.T) {
	t.Parallel()
	w := newTrapWorld(t)
	var order []int
	err := w.db.InScope(t.Context(), w.alpha, func(ctx context.Context, tx *postgres.Tx) error {
		order = nil
		for i := range 3 {
			tx.AfterCommit(func() { order = append(order, i) })
		}
		return nil
	})
	if err != nil || fmt.Sprint(order) != "[0 1 2]" {
		t.Errorf("%v %v", order, err)
	}
}

// Two transactions that lock two rows in opposite order: PostgreSQL ends one, InScope runs it again.
func TestDeadlocksAreRunAgain(t *testing.T) {
	t.Parallel()
	w := newTrapWorld(t)
	if err := inScope(t, w.db, w.alpha, fmt.Sprintf(`INSERT INTO trap VALUES (%[1]d, 1, ''), (%[1]d, 2, '')`, w.alpha.Tenant)); err != nil {
		t.Fatal(err)
	}
	var both sync.WaitGroup
	both.Add(2)
	var wg sync.WaitGroup
	runs := make([]int, 2)
	for i := range 2 {
		wg.Go(func() {
			err := w.db.InScope(t.Context(), w.alpha, func(ctx context.Context, tx *postgres.Tx) error {
				runs[i]++
				if _, err := tx.Exec(ctx, `UPDATE trap SET note = note || 'a' WHERE tenant_id = $1 AND id = $2`, w.alpha.Tenant, 1+i); err != nil {
					return err
				}
				if runs[i] == 1 { // both hold their first row before either asks for its second
					both.Done()
					both.Wait()
				}
				_, err := tx.Exec(ctx, `UPDATE trap SET note = note || 'b' WHERE tenant_id = $1 AND id = $2`, w.alpha.Tenant, 2-i)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if runs[0]+runs[1] != 3 {
		t.Errorf("the transactions ran %v times, want one of them twice", runs)
	}
	var notes []string
	err := w.db.InScope(t.Context(), w.alpha, func(ctx context.Context, tx *postgres.Tx) error {
		rows, err := tx.Query(ctx, `SELECT note FROM trap ORDER BY id`)
		if err != nil {
			return err
		}
		notes, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	if err != nil || len(notes) != 2 || len(notes[0]) != 2 || len(notes[1]) != 2 {
		t.Errorf("notes %q %v: a change is missing or was made twice", notes, err)
	}
}

func TestConflictsThatDoNotEndAreReported(t *testing.T) {
	t.Parallel()
	w := newTrapWorld(t)
	runs := 0
	err := w.db.InScope(t.Context(), w.alpha, func(ctx context.Context, tx *postgres.Tx) error {
		runs++
		_, err := tx.Exec(ctx, `DO $$ BEGIN RAISE serialization_failure; END $$`)
		return err
	})
	if fault.CodeOf(err) != fault.Unavailable || runs < 3 || runs > 10 {
		t.Errorf("after %d runs: %v", runs, err)
	}
}

// A connection that the server cuts in the middle of a transaction: nothing was kept, so it is run again.
func TestLostConnectionsAreRunAgain(t *testing.T) {
	t.Parallel()
	w := newTrapWorld(t)
	runs := 0
	err := w.db.InScope(t.Context(), w.alpha, func(ctx context.Context, tx *postgres.Tx) error {
		runs++
		if _, err := tx.Exec(ctx, `INSERT INTO trap VALUES ($1, 1, '')`, w.alpha.Tenant); err != nil {
			return err
		}
		if runs == 1 {
			var pid int
			if err := tx.QueryRow(ctx, `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
				return err
			}
			if _, err := w.admin.Exec(ctx, `SELECT pg_terminate_backend($1, 5000)`, pid); err != nil {
				t.Error(err)
			}
		}
		_, err := tx.Exec(ctx, `SELECT 1`)
		return err
	})
	if err != nil || runs != 2 {
		t.Errorf("%d runs, %v", runs, err)
	}
	var n int
	if err := w.admin.QueryRow(t.Context(), `SELECT count(*) FROM tenantra.trap`).Scan(&n); err != nil || n != 1 {
		t.Errorf("%d rows, %v", n, err)
	}
}

func TestGivenUpCallsAreNotRunAgain(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	alpha := pgtest.Tenant(t, db, "alpha")
	ctx, cancel := context.WithCancel(t.Context())
	runs := 0
	err := db.InScope(ctx, alpha, func(ctx context.Context, tx *postgres.Tx) error {
		runs++
		cancel()
		_, err := tx.Exec(ctx, `SELECT pg_sleep(60)`)
		return err
	})
	if !errors.Is(err, context.Canceled) || runs != 1 {
		t.Errorf("%d runs, %v", runs, err)
	}
}
