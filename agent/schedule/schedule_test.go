package schedule_test

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tenantra/tenantra/agent/policy"
	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/schedule"
	"github.com/tenantra/tenantra/agent/spool"
	"github.com/tenantra/tenantra/agent/state"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a wall clock that tests set. Who waits is woken at each change and looks again.
type clock struct {
	mu      sync.Mutex
	now     time.Time
	read    time.Time // what Now gave last
	waiting []chan time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read = c.now
	return c.now
}

func (c *clock) After(time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch := make(chan time.Time, 1)
	if !c.read.Equal(c.now) { // it was set since the waiter looked
		ch <- c.now
	}
	c.waiting = append(c.waiting, ch)
	return ch
}

func (c *clock) set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
	for _, ch := range c.waiting {
		ch <- now
	}
	c.waiting = nil
}

type row struct {
	Number int64 `col:"number" doc:"Number."`
}

// rig is a scheduler on a clock, with a table that counts how often it was read.
type rig struct {
	clock *clock
	db    *state.DB
	sched *schedule.Scheduler

	mu     sync.Mutex
	reads  int
	rows   int64
	events int64 // recorded so far, of the table happenings
	logs   []protocol.Log
}

func newRig(t *testing.T) *rig {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	dir, err := state.OpenDir(filepath.Join(t.TempDir(), "state"), log)
	if err != nil {
		t.Fatal(err)
	}
	db, err := state.Open(t.Context(), dir, "agent", "tenant", log)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{clock: &clock{now: time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)}, db: db}
	table := tables.Define[row](tables.Spec{Name: "numbers", Doc: "Numbers.", Category: tables.System, Platforms: tables.AllPlatforms},
		func(_ context.Context, _ tables.Host, _ *tables.Query, emit func(*row) error) error {
			r.mu.Lock()
			r.reads++
			rows := r.rows
			r.mu.Unlock()
			for i := range rows {
				if err := emit(&row{i}); err != nil {
					return err
				}
			}
			return nil
		})
	e, err := engine.New(engine.Options{Tables: []*tables.Table{table, r.happenings()}, Pool: 1})
	if err != nil {
		t.Fatal(err)
	}
	_, key, _ := ed25519.GenerateKey(nil)
	r.sched = schedule.New(schedule.Options{
		AgentID: "agent", Engine: e, DB: db, Spool: spool.New(db, spool.Signer{AgentID: "agent", TenantID: "tenant", Key: key}),
		Policy: func() policy.Policy { return policy.New(policy.Local{}, protocol.Config{}) }, Log: log, Now: r.clock.Now, After: r.clock.After,
		Report: func(l protocol.Log) { r.mu.Lock(); defer r.mu.Unlock(); r.logs = append(r.logs, l) },
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.sched.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *rig) configure(t *testing.T, c protocol.Config) {
	t.Helper()
	if err := r.sched.SetConfig(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// executions waits until so many executions are recorded, and gives the query's history.
func (r *rig) executions(t *testing.T, want int64) state.Run {
	t.Helper()
	return r.until(t, func(run state.Run) bool {
		if run.Executions > want {
			t.Fatalf("%d executions, want %d", run.Executions, want)
		}
		return run.Executions == want
	})
}

// until waits for a state of the query's history.
func (r *rig) until(t *testing.T, ok func(state.Run) bool) state.Run {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		runs, err := r.db.Runs(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		run := runs["pack:p/q"]
		if ok(run) {
			return run
		}
		if time.Now().After(deadline) {
			t.Fatalf("the query stays at %+v", run)
		}
		<-time.After(5 * time.Millisecond)
	}
}

func (r *rig) info(t *testing.T) tables.Info {
	t.Helper()
	info, err := state.NewSelf(r.db, nil, "test").Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func hourly(sql string, mode protocol.Mode) protocol.Config {
	return protocol.Config{Queries: []protocol.ConfigQuery{{Collection: "pack:p/q", SQL: sql, IntervalSeconds: 3600, Mode: mode}}}
}

const countRows = "SELECT number FROM numbers"

func TestNewQueryRunsWithinSecondsAndThenByTheClock(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.configure(t, hourly(countRows, protocol.ModeDifferential))
	r.clock.set(r.clock.Now().Add(5 * time.Second))
	run := r.executions(t, 1)
	r.clock.set(run.NextRun.Add(-time.Second))
	r.executions(t, 1)
	r.clock.set(run.NextRun)
	r.executions(t, 2)
}

func TestSleepIsCaughtUpOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.configure(t, hourly(countRows, protocol.ModeDifferential))
	r.clock.set(r.clock.Now().Add(5 * time.Second))
	r.executions(t, 1)
	r.clock.set(r.clock.Now().Add(72*time.Hour + 7*time.Minute))
	run := r.executions(t, 2)
	if late := run.NextRun.Sub(r.clock.Now()); late <= 0 || late > time.Hour {
		t.Errorf("after the catch-up it runs in %s", late)
	}
}

// A query that is set by the clock waits for its time, also the first; what a sleep of days missed runs once; an order of a
// person runs it whenever that comes.
func TestQuerySetByTheClock(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	nightly := hourly(countRows, protocol.ModeDifferential)
	nightly.Queries[0].At, nightly.Queries[0].Zone = "03:00", "UTC"
	r.configure(t, nightly)
	r.clock.set(r.clock.Now().Add(time.Minute))
	run := r.until(t, func(run state.Run) bool { return !run.NextRun.IsZero() })
	if three := time.Date(2026, 1, 6, 3, 0, 0, 0, time.UTC); run.Executions != 0 || run.NextRun.Before(three) || run.NextRun.After(three.Add(5*time.Minute)) {
		t.Fatalf("it is to run at %s after %d executions", run.NextRun.UTC(), run.Executions)
	}
	r.clock.set(run.NextRun)
	r.executions(t, 1)
	r.clock.set(run.NextRun.AddDate(0, 0, 4).Add(-12 * time.Hour)) // three nights later
	later := r.executions(t, 2)
	if want := run.NextRun.AddDate(0, 0, 4); !later.NextRun.Equal(want) {
		t.Errorf("then it is to run at %s, want %s", later.NextRun.UTC(), want.UTC())
	}
	r.configure(t, nightly) // changes nothing
	r.clock.set(r.clock.Now().Add(time.Hour))
	r.executions(t, 2)
	r.sched.Scan("scan:x", []string{"pack:p/q"})
	r.executions(t, 3)
	r.configure(t, hourly(countRows, protocol.ModeDifferential))
	r.clock.set(r.clock.Now().Add(2 * time.Hour))
	r.executions(t, 4)
}

func TestQueryThatBreaksItsBudgetWaitsLonger(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.rows = 100
	config := hourly(countRows, protocol.ModeDifferential)
	config.Queries[0].RowLimit = 10
	r.configure(t, config)
	r.clock.set(r.clock.Now().Add(5 * time.Second))
	run := r.executions(t, 1)
	if run.Status != "limited" || run.Denied {
		t.Errorf("after one breach: %+v", run)
	}
	for n := int64(2); n <= 4; n++ {
		r.clock.set(run.NextRun)
		run = r.executions(t, n)
	}
	if !run.Denied || run.NextRun.Sub(run.LastRun) < 4*time.Hour {
		t.Errorf("after four breaches it runs in %s, denied %v", run.NextRun.Sub(run.LastRun), run.Denied)
	}
	r.mu.Lock()
	logged := len(r.logs)
	r.mu.Unlock()
	if logged != 3 {
		t.Errorf("%d lines told of it, want one from the second breach on", logged)
	}
	config.Queries[0].SQL += " LIMIT 5"
	r.configure(t, config)
	r.clock.set(r.clock.Now().Add(5 * time.Second))
	run = r.until(t, func(run state.Run) bool { return run.Status == "ok" })
	if run.Executions != 1 || run.Breaches != 0 || run.Denied {
		t.Errorf("the changed query does not start anew: %+v", run)
	}
}

func TestFullSpoolLosesNoChange(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.rows = 3
	config := hourly(countRows, protocol.ModeDifferential)
	config.SpoolMaxBytes = 1
	r.configure(t, config)
	r.clock.set(r.clock.Now().Add(5 * time.Second))
	run := r.executions(t, 1)
	if info := r.info(t); info.SpoolBatches != 0 || info.SpoolDropped != 1 {
		t.Errorf("the spool has %d batches and dropped %d", info.SpoolBatches, info.SpoolDropped)
	}
	config.SpoolMaxBytes = 0
	r.configure(t, config)
	r.clock.set(run.NextRun)
	r.executions(t, 2)
	collection, err := r.db.Collection(t.Context(), "pack:p/q")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := r.db.Rows(t.Context(), collection)
	if err != nil || len(rows) != 3 || collection.Counter != 1 || collection.Stale || r.info(t).SpoolBatches != 1 {
		t.Errorf("with room again: %d rows, %+v, %v", len(rows), collection, err)
	}
}

// TestFullDiskLosesNoChange: SQLite may not grow its file, as on a disk without room.
func TestFullDiskLosesNoChange(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.rows = 5000                                                                                   // more than free pages hold
	if _, err := r.db.Queries().ExecContext(t.Context(), "PRAGMA max_page_count = 1"); err != nil { // no fewer than there are
		t.Fatal(err)
	}
	r.configure(t, hourly(countRows, protocol.ModeDifferential))
	reported := func() int {
		r.mu.Lock()
		defer r.mu.Unlock()
		n := 0
		for _, l := range r.logs {
			if l.Code == "disk_full" && l.Severity == "error" {
				n++
			}
		}
		return n
	}
	deadline := time.Now().Add(time.Minute)
	for tries := 0; tries < 3 || reported() == 0; tries++ { // it is tried again, and told once
		if time.Now().After(deadline) {
			t.Fatal("the full disk is not reported")
		}
		r.mu.Lock()
		reads := r.reads
		r.mu.Unlock()
		for again := reads; again == reads && time.Now().Before(deadline); <-time.After(time.Millisecond) {
			r.clock.set(r.clock.Now().Add(2 * time.Hour))
			r.mu.Lock()
			again = r.reads
			r.mu.Unlock()
		}
	}
	if n := reported(); n != 1 {
		t.Errorf("the full disk is reported %d times", n)
	}
	if _, err := r.db.Queries().ExecContext(t.Context(), "PRAGMA max_page_count = 1000000"); err != nil {
		t.Fatal(err)
	}
	r.until(t, func(run state.Run) bool {
		if run.Executions == 0 {
			r.clock.set(r.clock.Now().Add(2 * time.Hour))
		}
		return run.Executions > 0
	})
	collection, err := r.db.Collection(t.Context(), "pack:p/q")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := r.db.Rows(t.Context(), collection)
	if info := r.info(t); err != nil || len(rows) != 5000 || collection.Counter != info.SpoolBatches || info.SpoolBatches == 0 || info.SpoolDropped < 2 { // the last try may have found room
		t.Errorf("with room again: %d rows, %+v, %+v, %v", len(rows), collection, info, err)
	}
}

func TestUnchangedResultWritesNoBatch(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.rows = 3
	r.configure(t, hourly(countRows, protocol.ModeDifferential))
	r.clock.set(r.clock.Now().Add(5 * time.Second))
	run := r.executions(t, 1)
	r.clock.set(run.NextRun)
	r.executions(t, 2)
	if info := r.info(t); info.SpoolBatches != 1 {
		t.Errorf("%d batches", info.SpoolBatches)
	}
}

func TestRemovedQueryIsForgotten(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.configure(t, hourly(countRows, protocol.ModeDifferential))
	r.clock.set(r.clock.Now().Add(5 * time.Second))
	r.executions(t, 1)
	if err := r.db.SaveConfig(t.Context(), protocol.Command{Body: []byte("{}")}, 2, protocol.Config{}); err != nil {
		t.Fatal(err)
	}
	r.configure(t, protocol.Config{})
	if c, err := r.db.Collection(t.Context(), "pack:p/q"); err != nil || c.Epoch != 0 || !c.Stale {
		t.Errorf("it is kept as %+v, %v", c, err)
	}
}
