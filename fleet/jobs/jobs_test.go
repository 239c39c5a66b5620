package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/jobs"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

type greet struct {
	Tenant int32  `json:"tenant"`
	Name   string `json:"name"`
}

func (greet) Kind() string       { return "greet" }
func (g greet) JobTenant() int32 { return g.Tenant }

// start makes a runner whose greet jobs call handle, and runs it until the test ends.
func start(t *testing.T, db *postgres.DB, handle func(context.Context, access.Scope, greet, jobs.Attempt) error) *jobs.Runner {
	t.Helper()
	r, err := jobs.New(jobs.Config{DB: db, Poll: 100 * time.Millisecond, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	jobs.Handle(r, handle)
	if err := r.Ready(); err != nil {
		t.Fatal(err)
	}
	return r
}

func run(t *testing.T, r *jobs.Runner) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("run ended with %v", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

func put(t *testing.T, db *postgres.DB, scope access.Scope, r *jobs.Runner, args jobs.Args, o jobs.Options) error {
	t.Helper()
	return db.InScope(t.Context(), scope, func(ctx context.Context, tx *postgres.Tx) error { return r.Put(ctx, tx, args, o) })
}

func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func TestJobRunsInTheScopeOfItsTenant(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	scope := pgtest.Tenant(t, db, "alpha")
	ran := make(chan access.Scope, 1)
	r := start(t, db, func(_ context.Context, scope access.Scope, g greet, a jobs.Attempt) error {
		if g.Name != "ada" || a.Number != 1 || a.Last {
			t.Errorf("ran with %+v, %+v", g, a)
		}
		ran <- scope
		return nil
	})
	run(t, r)
	if err := put(t, db, scope, r, greet{scope.Tenant, "ada"}, jobs.Options{}); err != nil {
		t.Fatal(err)
	}
	if got := receive(t, ran); got.Tenant != scope.Tenant || len(got.Visible) != 1 || got.Actor.Kind != access.KindSystem {
		t.Errorf("ran in %+v", got)
	}
}

func TestJobOfAnotherTenantIsRefused(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	alpha, beta := pgtest.Tenant(t, db, "alpha"), pgtest.Tenant(t, db, "beta")
	r := start(t, db, func(context.Context, access.Scope, greet, jobs.Attempt) error { return nil })
	if err := put(t, db, alpha, r, greet{beta.Tenant, "x"}, jobs.Options{}); err == nil {
		t.Error("a job in another tenant was stored")
	}
}

// A job belongs to its transaction: rolled back, it never was; committed, it outlives the server that stored it.
func TestJobBelongsToItsTransaction(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	scope := pgtest.Tenant(t, db, "alpha")
	ran := make(chan string, 10)
	handle := func(_ context.Context, _ access.Scope, g greet, _ jobs.Attempt) error {
		ran <- g.Name
		return nil
	}
	first := start(t, db, handle) // never runs: it is killed, so to say, after the commit
	if err := put(t, db, scope, first, greet{scope.Tenant, "kept"}, jobs.Options{}); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("roll back")
	err := db.InScope(t.Context(), scope, func(ctx context.Context, tx *postgres.Tx) error {
		return errors.Join(first.Put(ctx, tx, greet{scope.Tenant, "lost"}, jobs.Options{}), broken)
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	second := start(t, db, handle)
	run(t, second)
	if err := put(t, db, scope, second, greet{scope.Tenant, "later"}, jobs.Options{}); err != nil {
		t.Fatal(err)
	}
	got := []string{receive(t, ran), receive(t, ran)}
	if strings.Join(got, " ") != "kept later" && strings.Join(got, " ") != "later kept" {
		t.Errorf("ran %v", got)
	}
}

func TestOnceStoresNoEqualJobThatWaits(t *testing.T) {
	t.Parallel()
	db, admin := pgtest.NewWithAdmin(t)
	scope := pgtest.Tenant(t, db, "alpha")
	r := start(t, db, func(context.Context, access.Scope, greet, jobs.Attempt) error { return nil })
	for range 3 {
		if err := put(t, db, scope, r, greet{scope.Tenant, "x"}, jobs.Options{Once: true, At: time.Now().Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
	var n int
	if err := admin.QueryRow(t.Context(), `SELECT count(*) FROM jobs.river_job`).Scan(&n); err != nil || n != 1 {
		t.Errorf("%d jobs, %v, want 1", n, err)
	}
}

// What a handler's error or panic says may hold a tenant's row: the queue's table must not keep it.
func TestQueueKeepsNoTextOfFailures(t *testing.T) {
	t.Parallel()
	db, admin := pgtest.NewWithAdmin(t)
	scope := pgtest.Tenant(t, db, "alpha")
	tried := make(chan jobs.Attempt, 10)
	r := start(t, db, func(_ context.Context, _ access.Scope, g greet, a jobs.Attempt) error {
		tried <- a
		switch g.Name {
		case "panic":
			panic("canary")
		case "give up":
			return jobs.GiveUp(errors.New("canary"))
		}
		return errors.New("canary")
	})
	stop := run(t, r)
	for _, name := range []string{"panic", "give up", "error"} {
		if err := put(t, db, scope, r, greet{scope.Tenant, name}, jobs.Options{Attempts: 1}); err != nil {
			t.Fatal(err)
		}
		if a := receive(t, tried); !a.Last {
			t.Errorf("%s: the only attempt is not the last: %+v", name, a)
		}
	}
	stop()
	var states, texts string
	err := admin.QueryRow(t.Context(), `SELECT string_agg(state::text, ' ' ORDER BY id), string_agg(errors::text, ' ') FROM jobs.river_job`).Scan(&states, &texts)
	if err != nil || states != "discarded cancelled discarded" || strings.Contains(texts, "canary") || !strings.Contains(texts, "failed") {
		t.Errorf("states %q, errors %s, %v", states, texts, err)
	}
}

func TestFailedJobRunsAgain(t *testing.T) {
	t.Parallel()
	db, admin := pgtest.NewWithAdmin(t)
	scope := pgtest.Tenant(t, db, "alpha")
	tried := make(chan int, 10)
	r := start(t, db, func(_ context.Context, _ access.Scope, _ greet, a jobs.Attempt) error {
		tried <- a.Number
		if a.Number == 1 {
			return errors.New("not yet")
		}
		return nil
	})
	run(t, r)
	if err := put(t, db, scope, r, greet{scope.Tenant, "x"}, jobs.Options{}); err != nil {
		t.Fatal(err)
	}
	receive(t, tried)
	// The wait of some seconds is made short once the failure is stored.
	deadline := time.Now().Add(20 * time.Second)
	for done := false; !done && time.Now().Before(deadline); {
		tag, err := admin.Exec(t.Context(), `UPDATE jobs.river_job SET scheduled_at = now() WHERE state IN ('retryable', 'available')`)
		if err != nil {
			t.Fatal(err)
		}
		done = tag.RowsAffected() > 0
	}
	if n := receive(t, tried); n != 2 {
		t.Errorf("attempt %d, want 2", n)
	}
}

func TestRegularWorkRuns(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	r, err := jobs.New(jobs.Config{DB: db, Poll: 100 * time.Millisecond, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	ran := make(chan struct{}, 10)
	r.Every(time.Hour, "sweep", func(context.Context) error {
		ran <- struct{}{}
		return nil
	})
	run(t, r)
	receive(t, ran)
}

func TestSchemaIsTheLibrarys(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	pool, err := db.JobPool(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	m, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Schema: "jobs"})
	if err != nil {
		t.Fatal(err)
	}
	result, err := m.Validate(t.Context(), nil)
	if err != nil || !result.OK {
		t.Errorf("%+v, %v: the library has new migrations; write them as one of ours", result, err)
	}
}

// The pool is of the serving role without a scope: it sees no tenant's rows, and may not reach for a scope either.
func TestJobConnectionsSeeNoTenant(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	pgtest.Tenant(t, db, "alpha")
	pool, err := db.JobPool(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	var n int
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM tenants`).Scan(&n); err != nil || n != 0 {
		t.Errorf("sees %d tenants, %v", n, err)
	}
}

func TestBackoffGrowsToAnHour(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		attempt   int
		low, high time.Duration
	}{{1, 2500 * time.Millisecond, 5 * time.Second}, {3, 10 * time.Second, 20 * time.Second}, {10, 21 * time.Minute, 43 * time.Minute}, {99, 30 * time.Minute, time.Hour}} {
		if d := jobs.Backoff(c.attempt); d < c.low || d > c.high {
			t.Errorf("attempt %d waits %v, want %v to %v", c.attempt, d, c.low, c.high)
		}
	}
}
