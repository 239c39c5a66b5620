package schedule

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/tenantra/tenantra/agent/policy"
	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/spool"
	"github.com/tenantra/tenantra/agent/state"
	"github.com/tenantra/tenantra/queries/engine"
)

// lookAgain is how often the wall clock is read while nothing is due: timers stand still while the machine sleeps, and
// the clock may be set.
const lookAgain = 20 * time.Second

// Options of a Scheduler.
type Options struct {
	AgentID string
	Engine  *engine.Engine
	DB      *state.DB
	Spool   *spool.Spool
	// Policy gives what the fleet's statements may read now.
	Policy func() policy.Policy
	// Idle, where set, is called when nothing is due any more after queries ran.
	Idle func()
	// Report tells the fleet's operators something.
	Report func(protocol.Log)
	Log    *slog.Logger
	// Now is the wall clock; After waits. Tests set them.
	Now   func() time.Time
	After func(time.Duration) <-chan time.Time
}

// Scheduler runs the scheduled queries. SetConfig and Trigger are safe to call at any time.
type Scheduler struct {
	o    Options
	wake chan struct{}

	mu       sync.Mutex
	queries  map[string]*query // by collection
	spoolMax int64

	spoolWasFull bool  // of Run's goroutine
	uncounted    int64 // changes that the disk had no room for, not even for counting them; of Run's goroutine
}

// query is a scheduled query with its history.
type query struct {
	protocol.ConfigQuery
	plan    plan
	version string
	run     state.Run
	due     time.Time
	scan    string // context of the scan that asked for the next execution; "" for the schedule
	events  *bool  // whether it reads tables of events; nil until it is known, of Run's goroutine
}

// New makes a Scheduler without queries.
func New(o Options) *Scheduler {
	return &Scheduler{o: o, wake: make(chan struct{}, 1), queries: map[string]*query{}, spoolMax: spool.DefaultMax}
}

// SetConfig replaces the schedule. Queries that are new, or whose SQL changed, run within seconds; those that are set by the
// clock at their next time, or at once where one passed while the agent did not run.
func (s *Scheduler) SetConfig(ctx context.Context, config protocol.Config) error {
	runs, err := s.o.DB.Runs(ctx)
	if err != nil {
		return err
	}
	now := s.o.Now()
	queries := make(map[string]*query, len(config.Queries))
	for _, c := range config.Queries {
		q := &query{ConfigQuery: c, plan: newPlan(s.o.AgentID, c), version: queryVersion(c)}
		if q.plan.wall, err = newWall(c, q.plan); err != nil {
			s.report(ctx, "warn", "schedule_unreadable", "a query's time is not understood by this version of the agent: it runs by its interval", map[string]string{
				"collection": c.Collection, "reason": err.Error()})
		}
		run, known := runs[c.Collection]
		q.run.LastRun = time.UnixMilli(0) // never
		if known = known && run.QueryVersion == q.version; known {
			q.run = run
		}
		switch {
		case q.plan.wall != nil:
			q.run.QueryVersion = q.version
			q.due = q.plan.wall.resume(q.plan, q.run, now)
		case known:
			q.due = q.plan.next(run.LastRun, now, run.Breaches)
		default:
			q.due = q.plan.first(now)
		}
		queries[c.Collection] = q
	}
	if err := s.intend(ctx, queries); err != nil {
		return err
	}
	s.mu.Lock()
	s.queries = queries
	s.spoolMax = spool.DefaultMax
	if config.SpoolMaxBytes > 0 {
		s.spoolMax = config.SpoolMaxBytes
	}
	s.mu.Unlock()
	s.poke()
	return nil
}

// intend keeps when queries that are set by the clock are to run, so that the next start knows what was missed.
func (s *Scheduler) intend(ctx context.Context, queries map[string]*query) error {
	return s.o.DB.Update(ctx, func(tx *sql.Tx) error {
		for _, q := range queries {
			if q.plan.wall == nil || q.run.NextRun.UnixMilli() == q.due.UnixMilli() {
				continue
			}
			q.run.NextRun = q.due
			if err := state.SaveRun(ctx, tx, q.Collection, q.run); err != nil {
				return err
			}
		}
		return nil
	})
}

// Trigger makes collections due at once; without names, all of them.
func (s *Scheduler) Trigger(collections ...string) {
	now := s.o.Now()
	s.mu.Lock()
	for _, name := range collections {
		if q := s.queries[name]; q != nil {
			q.due = now
		}
	}
	if len(collections) == 0 {
		for _, q := range s.queries {
			q.due = q.plan.first(now)
		}
	}
	s.mu.Unlock()
	s.poke()
}

// Scan makes collections due at once, and has each told with the scan's context whatever it finds. Collections that are not
// scheduled here are left out.
func (s *Scheduler) Scan(context string, collections []string) {
	now := s.o.Now()
	s.mu.Lock()
	for _, name := range collections {
		if q := s.queries[name]; q != nil {
			q.due, q.scan = now, context
		}
	}
	s.mu.Unlock()
	s.poke()
}

func (s *Scheduler) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run runs queries until the context ends.
func (s *Scheduler) Run(ctx context.Context) error {
	worked := false
	for {
		q, wait := s.next()
		if q == nil {
			if worked && s.o.Idle != nil {
				s.o.Idle()
			}
			worked = false
			select {
			case <-ctx.Done():
				return nil
			case <-s.wake:
			case <-s.o.After(wait):
			}
			continue
		}
		if ctx.Err() != nil {
			return nil
		}
		worked = true
		err := s.execute(ctx, q)
		switch {
		case ctx.Err() != nil:
			return nil // an execution that the end cut short counts for nothing
		case errors.Is(err, state.ErrChanged):
			s.Trigger(q.Collection)
		case err != nil:
			s.o.Log.ErrorContext(ctx, "a scheduled query could not be recorded", "collection", q.Collection, "err", err)
			s.settle(q, s.o.Now().Add(max(q.plan.interval, time.Minute)))
		}
	}
}

// next gives the query that is due longest, or how long nothing is.
func (s *Scheduler) next() (*query, time.Duration) {
	now := s.o.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	var first *query
	for _, q := range s.queries {
		if first == nil || q.due.Before(first.due) || q.due.Equal(first.due) && q.Collection < first.Collection {
			first = q
		}
	}
	switch {
	case first == nil:
		return nil, lookAgain
	case first.due.After(now):
		return nil, min(first.due.Sub(now), lookAgain)
	}
	// From here on only a trigger makes it due: one that comes while it runs is not forgotten.
	first.due = now.AddDate(100, 0, 0)
	return first, 0
}

// settle sets when a query is due next, unless it was triggered meanwhile.
func (s *Scheduler) settle(q *query, due time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if due.Before(q.due) {
		q.due = due
	}
}

func (s *Scheduler) limit() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.spoolMax
}

// budget is what one execution may use: the engine's limits of scheduled statements, which a query may only tighten.
func budget(q protocol.ConfigQuery) engine.Limits {
	limits := engine.ScheduledLimits
	if t := time.Duration(q.TimeoutSeconds) * time.Second; t > 0 {
		limits.Time = min(limits.Time, t)
	}
	if q.RowLimit > 0 {
		limits.Rows = min(limits.Rows, q.RowLimit)
	}
	return limits
}

// report tells the fleet and the local log.
func (s *Scheduler) report(ctx context.Context, severity, code, message string, facts map[string]string) {
	s.o.Report(protocol.Log{At: s.o.Now().UTC(), Severity: severity, Code: code, Message: message, Facts: facts})
	level := slog.LevelWarn
	if severity == "info" {
		level = slog.LevelInfo
	}
	s.o.Log.Log(ctx, level, message, "code", code, "facts", fmt.Sprint(facts))
}
