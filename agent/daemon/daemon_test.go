package daemon_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tenantra/tenantra/agent/daemon"
	"github.com/tenantra/tenantra/agent/internal/fakefleet"
	"github.com/tenantra/tenantra/agent/link"
	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/state"
	"github.com/tenantra/tenantra/tables"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(workerVariable); dir != "" {
		os.Exit(killedWorker(dir))
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(os.Exit))
}

// thing is a row of the table that tests change under the agent.
type thing struct {
	Name   string `col:"name" doc:"Name."`
	Owner  string `col:"owner" doc:"Who has it." class:"personal"`
	Number int64  `col:"number" doc:"Number."`
}

// things are the present rows.
type things struct {
	mu   sync.Mutex
	rows []thing
	gate chan struct{} // where set, the generator waits for it or the end of the statement
}

func (s *things) set(rows ...thing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = rows
}

func (s *things) table() *tables.Table {
	return tables.Define[thing](tables.Spec{Name: "things", Doc: "Things.", Category: tables.System, Platforms: tables.AllPlatforms},
		func(ctx context.Context, _ tables.Host, _ *tables.Query, emit func(*thing) error) error {
			s.mu.Lock()
			rows, gate := slices.Clone(s.rows), s.gate
			s.mu.Unlock()
			if gate != nil {
				select {
				case <-gate:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			for i := range rows {
				if err := emit(&rows[i]); err != nil {
					return err
				}
			}
			return nil
		})
}

func networkTable() *tables.Table {
	type row struct {
		Address string `col:"address" doc:"Address."`
	}
	return tables.Define[row](tables.Spec{Name: "dialled", Doc: "Reaches out.", Category: tables.Network, Platforms: tables.AllPlatforms, Network: true},
		func(context.Context, tables.Host, *tables.Query, func(*row) error) error { return nil })
}

var fast = link.Pace{
	BackOffMin: 5 * time.Millisecond, BackOffMax: 50 * time.Millisecond, Revoked: 50 * time.Millisecond, Poll: 10 * time.Millisecond, PollFor: time.Hour,
}

// rig is an enrolled agent and its fleet.
type rig struct {
	*fakefleet.Fleet
	dir    state.Dir
	things *things
	policy string
	extra  []*tables.Table // beside things and dialled
	socket string          // of extensions; "" for none
	stop   func()
}

func newRig(t *testing.T) *rig {
	t.Helper()
	dir, err := state.OpenDir(filepath.Join(t.TempDir(), "state"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{Fleet: fakefleet.New(t, fakefleet.Options{}), dir: dir, things: &things{}}
	r.Enroll(t, dir)
	return r
}

// start runs the agent until stop is called or the test ends.
func (r *rig) start(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- daemon.Run(ctx, daemon.Options{
			StateDir: r.dir.Path(), PolicyFile: r.policy, Version: "test", Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
			Tables: append([]*tables.Table{r.things.table(), networkTable()}, r.extra...), Pace: fast,
			Extensions: daemon.Extensions{Socket: r.socket},
		})
	}()
	var once sync.Once
	r.stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Errorf("the agent ended with %v", err)
			}
		})
	}
	t.Cleanup(r.stop)
}

func (r *rig) connected(t *testing.T, sessions int) {
	t.Helper()
	r.Wait(t, "the agent to connect", func() bool { return r.Sessions() >= sessions })
}

// configure sends a configuration and waits until the agent confirms it.
func (r *rig) configure(t *testing.T, version int64, queries ...protocol.ConfigQuery) {
	t.Helper()
	r.Send(r.Order(protocol.CommandConfig, version, protocol.Config{Queries: queries, HeartbeatSeconds: 60, AllowedClass: "personal"}))
	r.Wait(t, "the configuration to be confirmed", func() bool {
		beats := r.Heartbeats()
		return len(beats) > 0 && beats[len(beats)-1].ConfigVersion >= version
	})
}

func query(mode protocol.Mode, interval int) protocol.ConfigQuery {
	return protocol.ConfigQuery{Collection: "pack:test/things", SQL: "SELECT name, number FROM things", IntervalSeconds: interval, Mode: mode}
}

// names gives the added rows' first cells.
func names(b protocol.Batch) []string {
	var list []string
	for _, row := range b.Added {
		list = append(list, row[0].Text)
	}
	return list
}

func TestChangesAreToldOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.things.set(thing{Name: "a", Number: 1}, thing{Name: "b", Number: 2})
	r.start(t)
	r.connected(t, 1)
	r.configure(t, 1, query(protocol.ModeDifferential, 1))
	r.Wait(t, "the whole state", func() bool { return len(r.Batches()) == 1 })
	first := r.Batches()[0]
	if h := first.Header; h.Counter != 0 || h.Sequence != 1 || h.Execution.Rows != 2 || h.Epoch == 0 || !slices.Equal(h.Columns, []string{"name", "number"}) {
		t.Errorf("the first header is %+v", h)
	}
	if got := names(first.Batch); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("the whole state is %v", got)
	}

	r.things.set(thing{Name: "b", Number: 2}, thing{Name: "c", Number: 3}, thing{Name: "c", Number: 3})
	r.Wait(t, "the change", func() bool { return len(r.Batches()) == 2 })
	second := r.Batches()[1]
	if h := second.Header; h.Counter != 1 || h.Epoch != first.Header.Epoch || h.Execution.Rows != 3 {
		t.Errorf("the second header is %+v", h)
	}
	if got := names(second.Batch); !slices.Equal(got, []string{"c", "c"}) || len(second.Batch.Removed) != 1 {
		t.Errorf("the change adds %v and removes %d", got, len(second.Batch.Removed))
	}
	r.Wait(t, "the spool to be empty", func() bool {
		info, err := state.ReadSelf(r.dir, "test").Info(t.Context())
		return err == nil && info.SpoolBatches == 0 && info.SpoolBytes == 0 && info.ConfigVersion == 1 && info.AgentID == r.AgentID
	})
	executions, err := state.ReadSelf(r.dir, "test").Executions(t.Context())
	if err != nil || len(executions) < 2 || executions[0].Status != "ok" {
		t.Errorf("executions are %v, %v", executions, err)
	}
	schedule, err := state.ReadSelf(r.dir, "test").Schedule(t.Context())
	if err != nil || len(schedule) != 1 || schedule[0].Pack != "test" || schedule[0].Name != "things" || schedule[0].Executions < 2 {
		t.Errorf("schedule is %v, %v", schedule, err)
	}
}

func TestOfflineAgentGoesOnAndCatchesUp(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.things.set(thing{Name: "a"})
	r.start(t)
	r.connected(t, 1)
	r.configure(t, 1, query(protocol.ModeDifferential, 1))
	r.Wait(t, "the whole state", func() bool { return len(r.Batches()) == 1 })
	r.Behave(fakefleet.Behaviour{Hello: &protocol.Error{Code: protocol.CodeInternal, Message: "down"}})
	r.Drop()
	r.stop()

	r.things.set(thing{Name: "b"})
	r.start(t) // from the last configuration, without a fleet
	r.Wait(t, "a batch in the spool", func() bool {
		info, err := state.ReadSelf(r.dir, "test").Info(t.Context())
		return err == nil && info.SpoolBatches == 1
	})
	r.Behave(fakefleet.Behaviour{})
	r.Wait(t, "the change", func() bool { return len(r.Batches()) == 2 })
	if b := r.Batches()[1]; b.Header.Counter != 1 || !slices.Equal(names(b.Batch), []string{"b"}) || len(b.Batch.Removed) != 1 {
		t.Errorf("after the outage came %+v", b.Header)
	}
}

func TestUnacknowledgedBatchesComeAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.Behave(fakefleet.Behaviour{Deaf: true})
	r.start(t)
	r.connected(t, 1)
	r.configure(t, 1, query(protocol.ModeSnapshot, 1))
	r.Wait(t, "three snapshots", func() bool { return len(r.Batches()) >= 3 })
	r.Behave(fakefleet.Behaviour{})
	r.Drop()
	r.Wait(t, "the spool to be empty", func() bool {
		info, err := state.ReadSelf(r.dir, "test").Info(t.Context())
		return err == nil && info.SpoolBatches == 0
	})
}

func TestBusyFleetGetsBatchesLater(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var mu sync.Mutex
	refusals := 0
	r.Behave(fakefleet.Behaviour{Busy: func(protocol.BatchHeader) bool {
		mu.Lock()
		defer mu.Unlock()
		refusals++
		return refusals <= 3
	}})
	r.start(t)
	r.connected(t, 1)
	r.configure(t, 1, query(protocol.ModeDifferential, 3600))
	r.Wait(t, "the batch to be taken", func() bool { return len(r.Batches()) == 1 })
}

func TestRefusedBatchDoesNotBlockTheSpool(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.things.set(thing{Name: "a"})
	r.Behave(fakefleet.Behaviour{Batch: func(h protocol.BatchHeader) *protocol.Error {
		if h.Sequence == 1 {
			return &protocol.Error{Code: protocol.CodeInvalid, Message: "refused"}
		}
		return nil
	}})
	r.start(t)
	r.connected(t, 1)
	r.configure(t, 1, query(protocol.ModeDifferential, 1))
	r.Wait(t, "the state anew", func() bool { return len(r.Batches()) == 1 })
	if b := r.Batches()[0]; b.Header.Sequence != 2 || b.Header.Counter != 0 || !slices.Equal(names(b.Batch), []string{"a"}) {
		t.Errorf("after the refusal came %+v with %v", b.Header, names(b.Batch))
	}
}

func TestResyncTellsTheWholeStateAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.things.set(thing{Name: "a"}, thing{Name: "b"})
	r.start(t)
	r.connected(t, 1)
	r.configure(t, 1, query(protocol.ModeDifferential, 3600))
	r.Wait(t, "the whole state", func() bool { return len(r.Batches()) == 1 })
	r.Send(r.Order(protocol.CommandResync, 0, protocol.Resync{Collections: []string{"pack:test/things", "unknown"}}))
	r.Wait(t, "the whole state again", func() bool { return len(r.Batches()) == 2 })
	was, is := r.Batches()[0], r.Batches()[1]
	if is.Header.Counter != 0 || is.Header.Epoch <= was.Header.Epoch || len(is.Batch.Added) != 2 || len(is.Batch.Removed) != 0 {
		t.Errorf("the resync gave %+v", is.Header)
	}
}

// A scan is told of what it asked for, with its context, also where nothing changed; the schedule goes on as before.
func TestAScanIsToldWhereNothingChangedToo(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.things.set(thing{Name: "a"})
	r.start(t)
	r.connected(t, 1)
	r.configure(t, 1, query(protocol.ModeDifferential, 3600))
	r.Wait(t, "the whole state", func() bool { return len(r.Batches()) == 1 })
	r.Send(r.Order(protocol.CommandScan, 0, protocol.Scan{ScanContextID: "scan:1", Collections: []string{"pack:test/things", "unknown"}}))
	r.Wait(t, "the scan's batch", func() bool { return len(r.Batches()) == 2 })
	was, is := r.Batches()[0].Header, r.Batches()[1].Header
	if is.ScanContextID != "scan:1" || is.Epoch != was.Epoch || is.Counter != was.Counter+1 || is.AddedCount != 0 || is.RemovedCount != 0 || is.Execution.Rows != 1 {
		t.Errorf("the scan is told %+v", is)
	}
	if was.ScanContextID == is.ScanContextID {
		t.Error("the schedule's own execution has the scan's context")
	}
	r.things.set(thing{Name: "a"}, thing{Name: "b"})
	r.Send(r.Order(protocol.CommandScan, 0, protocol.Scan{ScanContextID: "scan:2", Collections: []string{"pack:test/things"}}))
	r.Wait(t, "the second scan's batch", func() bool { return len(r.Batches()) == 3 })
	if h := r.Batches()[2].Header; h.ScanContextID != "scan:2" || h.AddedCount != 1 {
		t.Errorf("the second scan is told %+v", h)
	}
}

func TestLostStateIsToldAnew(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.SetLast(500) // the fleet has batches that this state never made
	r.things.set(thing{Name: "a"})
	r.start(t)
	r.connected(t, 1)
	r.configure(t, 1, query(protocol.ModeDifferential, 3600))
	r.Wait(t, "the whole state", func() bool { return len(r.Batches()) == 1 })
	if h := r.Batches()[0].Header; h.Sequence != 501 || h.Counter != 0 {
		t.Errorf("the sequence goes on with %d", h.Sequence)
	}
	r.Wait(t, "the fleet to be told", func() bool { return r.Logged("state_lost") })
}

func TestFailureIsToldOnceAndChangesNoRows(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.start(t)
	r.connected(t, 1)
	q := query(protocol.ModeDifferential, 1)
	q.SQL = "SELECT name FROM nowhere"
	r.configure(t, 1, q)
	r.Wait(t, "the failure", func() bool { return len(r.Batches()) == 1 && r.Logged("query_cannot_run") })
	if b := r.Batches()[0]; b.Header.Execution.StatusCode != 1 || !strings.Contains(b.Header.Execution.Log, "nowhere") || len(b.Batch.Added) != 0 {
		t.Errorf("the failure is told as %+v", b.Header)
	}
	r.things.set(thing{Name: "a"})
	r.configure(t, 2, query(protocol.ModeDifferential, 1))
	r.Wait(t, "the state after the failure", func() bool { return len(r.Batches()) == 2 })
	if b := r.Batches()[1]; b.Header.Execution.StatusCode != 0 || b.Header.Counter != 0 || len(b.Batch.Added) != 1 {
		t.Errorf("after the failure came %+v", b.Header)
	}
}

func TestDiscoveryDecidesWhetherAQueryRuns(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.things.set(thing{Name: "a", Number: 1})
	r.start(t)
	r.connected(t, 1)
	q := query(protocol.ModeDifferential, 1)
	q.Discovery = "SELECT 1 FROM things WHERE number > 0"
	r.configure(t, 1, q)
	r.Wait(t, "rows while discovered", func() bool { return len(r.Batches()) == 1 })
	r.things.set(thing{Name: "a", Number: 0})
	r.Wait(t, "their removal", func() bool { return len(r.Batches()) == 2 })
	if b := r.Batches()[1]; len(b.Batch.Added) != 0 || len(b.Batch.Removed) != 1 {
		t.Errorf("undiscovered it told %+v", b.Header)
	}
}

func TestLargeChangesTakeSeveralBatches(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var rows []thing
	for i := range 600 {
		rows = append(rows, thing{Name: strings.Repeat("x", 10_000), Number: int64(i)})
	}
	r.things.set(rows...)
	r.start(t)
	r.connected(t, 1)
	r.configure(t, 1, query(protocol.ModeDifferential, 3600))
	total := func() (n int) {
		for _, b := range r.Batches() {
			n += len(b.Batch.Added)
		}
		return n
	}
	r.Wait(t, "all rows", func() bool { return total() == 600 })
	batches, sum := r.Batches(), int64(0)
	if len(batches) < 3 {
		t.Errorf("6 MB came in %d batches", len(batches))
	}
	for i, b := range batches {
		sum += int64(len(b.Batch.Added))
		if b.Header.Counter != int64(i) || b.Header.Execution.Rows != sum {
			t.Errorf("batch %d has counter %d and tells of %d rows of %d", i, b.Header.Counter, b.Header.Execution.Rows, sum)
		}
	}
}

func TestPollsWhereWebsocketsAreBlocked(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.Behave(fakefleet.Behaviour{NoWebsocket: true})
	r.things.set(thing{Name: "a"})
	r.start(t)
	r.Wait(t, "a poll", func() bool { return r.Polls() > 0 })
	r.configure(t, 1, query(protocol.ModeDifferential, 3600))
	r.Wait(t, "the batch", func() bool { return len(r.Batches()) == 1 })
	r.Send(r.Order(protocol.CommandQuery, 0, protocol.LiveQuery{QueryID: "q", SQL: "SELECT name FROM things"}))
	r.Wait(t, "the answer", func() bool { a := r.Answers("q"); return len(a) == 1 && a[0].Header.Final })
	if r.Sessions() != 0 {
		t.Error("there was a websocket")
	}
}

func TestRevokedAgentSendsNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.start(t)
	r.connected(t, 1)
	r.configure(t, 1, query(protocol.ModeSnapshot, 1))
	r.Wait(t, "a batch", func() bool { return len(r.Batches()) >= 1 })
	r.Behave(fakefleet.Behaviour{Hello: &protocol.Error{Code: protocol.CodeRevoked, Message: "revoked"}})
	r.SendRaw(protocol.TypeError, protocol.Error{Code: protocol.CodeRevoked, Message: "revoked"})
	r.Wait(t, "it to come back and be refused", func() bool { return r.Sessions() >= 3 })
	stored := len(r.Batches())
	r.Wait(t, "further refusals", func() bool { return r.Sessions() >= 5 })
	if now := len(r.Batches()); now != stored || r.Polls() != 0 {
		t.Errorf("a revoked agent sent %d batches and polled %d times", now-stored, r.Polls())
	}
}

func TestSecondDaemonIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.start(t)
	r.connected(t, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // do not wait for the first to end
	err := daemon.Run(ctx, daemon.Options{StateDir: r.dir.Path(), Log: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.Contains(fmt.Sprint(err), "already runs") {
		t.Errorf("a second daemon gets %v", err)
	}
}

// TestHostileRowsAreMadeStorable is the agent's part of S22: rows with NUL, bad UTF-8, escapes and direction marks are
// told in the form that both ends hash, a cell that is too large fails its query alone, and later batches flow.
func TestHostileRowsAreMadeStorable(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.things.set(thing{Name: "nul \x00, broken \xff\xfe, surrogate \xed\xa0\x80, escape \x1b[31m, turned \u202e, <b>&"})
	r.start(t)
	r.connected(t, 1)
	r.configure(t, 1, query(protocol.ModeDifferential, 1))
	r.Wait(t, "the row", func() bool { return len(r.Batches()) == 1 })
	want := "nul \ufffd, broken \ufffd, surrogate \ufffd, escape \x1b[31m, turned \u202e, <b>&"
	if got := names(r.Batches()[0].Batch); len(got) != 1 || got[0] != want {
		t.Errorf("it came as %q", got)
	}
	r.things.set(thing{Name: strings.Repeat("x", protocol.CellMax+1)})
	r.Wait(t, "the failure", func() bool { return len(r.Batches()) == 2 })
	if h := r.Batches()[1].Header; h.Execution.StatusCode != 1 || !strings.Contains(h.Execution.Log, "column name") {
		t.Errorf("the large cell is told as %+v", h.Execution)
	}
	r.things.set(thing{Name: "b"})
	r.Wait(t, "the next state", func() bool { return len(r.Batches()) == 3 })
	if b := r.Batches()[2]; b.Header.Execution.StatusCode != 0 || b.Header.Counter != 2 || len(b.Batch.Removed) != 1 {
		t.Errorf("after it came %+v", b.Header)
	}
}
