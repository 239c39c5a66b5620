package schedule

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/spool"
	"github.com/tenantra/tenantra/agent/state"
	"github.com/tenantra/tenantra/queries/diff"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

// The status codes of protocol.Execution.
const (
	statusOK      = 0
	statusFailed  = 1
	statusLimited = 2
)

// outcome is what one execution gave.
type outcome struct {
	began   time.Time
	columns []string
	rows    [][]tables.Value // of a snapshot
	count   int64
	changes diff.Changes
	stats   engine.Stats
	err     error // why the statement gave no result
	skipped bool  // the discovery statement gave no row

	events  bool             // the statement reads events
	cursors map[string]int64 // how far it read each table of them
}

func (o *outcome) status() (code int, text string) {
	var limit *engine.LimitError
	switch {
	case o.err == nil:
		return statusOK, ""
	case errors.As(o.err, &limit):
		return statusLimited, o.err.Error()
	default:
		return statusFailed, o.err.Error()
	}
}

// execute runs a query once, spools what changed, and plans its next run.
func (s *Scheduler) execute(ctx context.Context, q *query) error {
	was, err := s.o.DB.Collection(ctx, q.Collection)
	if err != nil {
		return err
	}
	stored, err := s.o.DB.Rows(ctx, was)
	if err != nil {
		return err
	}
	anew := was.Stale || was.QueryVersion != q.version || was.Mode != q.Mode
	before := stored
	if anew {
		before = nil
	}
	var cursor *tables.EventCursor
	if s.readsEvents(q) {
		// Each event is read once: what was told before says nothing of what is new, and nothing is ever taken back.
		cursors, err := s.o.DB.EventCursors(ctx, q.Collection)
		if err != nil {
			return err
		}
		before, cursor = nil, tables.NewEventCursor(cursors)
	}
	out := s.ask(ctx, q, before, cursor)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	run := s.account(ctx, q, out)
	scan := s.takeScan(q)
	is, change := s.decide(q, was, out, anew, int64(size(before)), scan)
	err = s.record(ctx, q, was, is, stored, out, run, change)
	switch {
	case errors.Is(err, spool.ErrFull):
		err = s.recordFull(ctx, q, out, run)
	case state.Full(err):
		s.reportFull(ctx, q, "disk_full", "the disk of the agent's state is full: changes wait for an execution when there is room, events of appending queries may be lost")
		s.uncounted++
	case err == nil:
		s.spoolWasFull, s.uncounted = false, 0
	}
	if err != nil {
		return err
	}
	s.mu.Lock()
	q.run = run
	s.mu.Unlock()
	s.settle(q, run.NextRun)
	if change != nil {
		s.o.Spool.Notify()
	}
	return nil
}

// readsEvents tells whether a query reads tables of events. Its results are events too, whatever mode its pack names.
func (s *Scheduler) readsEvents(q *query) bool {
	if q.events == nil {
		reads := false
		// A statement that does not compile fails when it is asked, where its error is reported.
		if analysis, err := s.o.Engine.Check(q.SQL); err == nil {
			reads = slices.ContainsFunc(analysis.Reads, func(ref engine.TableRef) bool { return ref.Table.Event })
		}
		q.events = &reads
	}
	return *q.events
}

// ask runs the discovery statement and the query itself, which reads events under the cursor where it reads events.
func (s *Scheduler) ask(ctx context.Context, q *query, before diff.State, cursor *tables.EventCursor) *outcome {
	out := &outcome{began: s.o.Now(), events: cursor != nil}
	allow := s.o.Policy().Allow
	if q.Discovery != "" {
		found := &counter{}
		if _, err := s.o.Engine.Query(ctx, engine.Statement{SQL: q.Discovery, Limits: budget(q.ConfigQuery), Allow: allow}, found); err != nil && !errors.Is(err, errEnough) {
			out.err = fmt.Errorf("discovery: %w", err)
			return out
		}
		if out.skipped = found.rows == 0; out.skipped {
			out.changes = diff.NewDiffer(before, nil).Changes()
			return out
		}
	}
	rows := &collector{before: before, snapshot: q.Mode == protocol.ModeSnapshot && !out.events, out: out}
	if out.events {
		ctx = tables.WithEventCursor(ctx, cursor)
	}
	stats, err := s.o.Engine.Query(ctx, engine.Statement{SQL: q.SQL, Limits: budget(q.ConfigQuery), Allow: allow}, rows)
	if stats != nil {
		out.stats = *stats
	}
	if err == nil && rows.differ == nil {
		err = errors.New("the statement gives no columns")
	}
	if out.err = err; err == nil {
		out.changes = rows.differ.Changes()
		if out.events {
			out.changes.Removed, out.changes.Next, out.cursors = nil, nil, cursor.Read()
		}
	}
	return out
}

// takeScan gives the scan that asked for the execution; the next one is the schedule's again.
func (s *Scheduler) takeScan(q *query) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	scan := q.scan
	q.scan = ""
	return scan
}

// decide says where the collection stands after an execution, and what the fleet is to be told; nil for nothing. A scan is
// told of every execution that it asked for.
func (s *Scheduler) decide(q *query, was state.Collection, out *outcome, anew bool, before int64, scan string) (state.Collection, *spool.Change) {
	code, text := out.status()
	asked := scan != ""
	is := was
	is.QueryVersion, is.Mode, is.StatusCode, is.StatusLog = q.version, q.Mode, code, text
	switch {
	case code != statusOK:
		if scan == "" && was.StatusCode == code && was.StatusLog == text && was.QueryVersion == q.version {
			return was, nil
		}
		is.Stale = anew // a failure gives no state: the next good execution tells the whole, in an epoch of its own
	case scan == "" && out.skipped && was.Epoch == 0:
		return was, nil
	default:
		is.Stale = false
	}
	if anew {
		is.Epoch, is.Counter = max(out.began.UnixMilli(), was.Epoch+1), 0
	}
	if scan == "" {
		scan = uuid.NewString()
	}
	mode := q.Mode
	if out.events {
		mode = protocol.ModeAppend
	}
	change := &spool.Change{Before: before, Header: protocol.BatchHeader{
		ScanContextID: scan, Collection: q.Collection, QueryVersion: q.version, Mode: mode,
		Epoch: is.Epoch, Counter: is.Counter, Timestamp: out.began.UTC(), Columns: out.columns,
		Execution: protocol.Execution{
			StatusCode: code, Log: text, DurationMS: out.stats.Wall.Milliseconds(), CPUMillis: out.stats.CPU.Milliseconds(),
			Rows: out.count, Bytes: out.stats.Bytes,
		},
	}}
	if code != statusOK {
		return is, change
	}
	change.Added, change.Removed = out.changes.Added, out.changes.Removed
	told := !asked && !anew && was.StatusCode == code
	switch mode {
	case protocol.ModeSnapshot:
		if spool.Fits(out.rows) {
			change.Added, change.Removed = out.rows, nil
			return is, change
		}
		change.Header.Mode = protocol.ModeDifferential // with what the fleet has, it comes to the same
	case protocol.ModeAppend:
		change.Removed = nil
	}
	if told && len(change.Added) == 0 && len(change.Removed) == 0 {
		return is, nil
	}
	return is, change
}

// record writes state, batches and history in one transaction.
func (s *Scheduler) record(ctx context.Context, q *query, was, is state.Collection, stored diff.State, out *outcome, run state.Run, change *spool.Change) error {
	return s.o.DB.Update(ctx, func(tx *sql.Tx) error {
		if s.uncounted > 0 {
			if err := s.o.Spool.CountDropped(ctx, tx, s.uncounted); err != nil {
				return err
			}
		}
		if change != nil {
			n, err := s.o.Spool.Append(ctx, tx, *change, s.limit())
			if err != nil {
				return err
			}
			is.Counter += n
		}
		if is != was {
			if err := state.SaveCollection(ctx, tx, was, is); err != nil {
				return err
			}
		}
		if out.err == nil && (is != was || len(out.changes.Added)+len(out.changes.Removed) > 0) {
			if err := state.SaveRows(ctx, tx, q.Collection, stored, out.changes.Next); err != nil {
				return err
			}
		}
		if err := state.SaveEventCursors(ctx, tx, q.Collection, out.cursors); err != nil {
			return err
		}
		return s.history(ctx, tx, q, out, run)
	})
}

// recordFull notes an execution whose changes found no room: the state stands where it stood.
func (s *Scheduler) recordFull(ctx context.Context, q *query, out *outcome, run state.Run) error {
	s.reportFull(ctx, q, "spool_full", "the spool is full: changes wait for the next execution, events of appending queries may be lost")
	err := s.o.DB.Update(ctx, func(tx *sql.Tx) error {
		if err := s.o.Spool.CountDropped(ctx, tx, 1+s.uncounted); err != nil {
			return err
		}
		return s.history(ctx, tx, q, out, run)
	})
	if err == nil {
		s.uncounted = 0
	}
	return err
}

// reportFull tells the fleet once that there is no room, until there is some again.
func (s *Scheduler) reportFull(ctx context.Context, q *query, code, message string) {
	if !s.spoolWasFull {
		s.spoolWasFull = true
		s.report(ctx, "error", code, message, map[string]string{"collection": q.Collection})
	}
}

func (s *Scheduler) history(ctx context.Context, tx *sql.Tx, q *query, out *outcome, run state.Run) error {
	if err := state.SaveRun(ctx, tx, q.Collection, run); err != nil {
		return err
	}
	if out.skipped {
		return nil
	}
	return state.SaveExecution(ctx, tx, tables.Execution{
		At: out.began, Kind: "scheduled", Name: q.Collection, SQL: q.SQL, Status: run.Status, Error: run.Error,
		Rows: out.stats.Rows, Bytes: out.stats.Bytes, Wall: out.stats.Wall, CPU: out.stats.CPU,
	})
}

// account adds an execution to the query's history and tells the fleet of one that is put off for breaking its budget.
func (s *Scheduler) account(ctx context.Context, q *query, out *outcome) state.Run {
	code, text := out.status()
	run := q.run
	run.QueryVersion, run.LastRun, run.Error = q.version, out.began, text
	if !out.skipped {
		run.Executions++
	}
	run.Rows += out.stats.Rows
	run.Bytes += out.stats.Bytes
	run.Wall += out.stats.Wall
	run.CPU += out.stats.CPU
	run.Status = [...]string{statusOK: "ok", statusFailed: "error", statusLimited: "limited"}[code]
	switch code {
	case statusOK:
		run.Breaches = 0
	case statusLimited:
		run.Breaches++
	}
	run.Denied = denied(run.Breaches)
	run.NextRun = q.plan.next(run.LastRun, s.o.Now(), run.Breaches)
	if run.Denied && code == statusLimited {
		s.report(ctx, "warn", "query_backed_off", "a scheduled query keeps breaking its budget and runs less often", map[string]string{
			"collection": q.Collection, "reason": text, "breaches": fmt.Sprint(run.Breaches), "next_run": run.NextRun.UTC().Format(time.RFC3339),
		})
	}
	return run
}

func size(s diff.State) int {
	n := 0
	for _, times := range s {
		n += times
	}
	return n
}
