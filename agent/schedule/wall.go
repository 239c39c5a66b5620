package schedule

import (
	"fmt"
	"time"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/state"
	"github.com/tenantra/tenantra/queries/wallclock"
)

const (
	// wallSplay is within how long after its time a query runs that is set by the clock, so that a fleet does not answer in
	// one second; it is less where the query comes often.
	wallSplay = 5 * time.Minute
	// skippedMost times of its own a query misses that keeps breaking its budget.
	skippedMost = 7
)

// wall is when a query runs that is set by the clock.
type wall struct {
	spec  wallclock.Spec
	zone  *time.Location
	splay time.Duration // of this agent and query
}

// newWall reads when a query comes; nil where it is set by an interval.
func newWall(q protocol.ConfigQuery, p plan) (*wall, error) {
	if q.At == "" {
		return nil, nil
	}
	spec, err := wallclock.Parse(q.At)
	if err != nil {
		return nil, fmt.Errorf("time %q: %w", q.At, err)
	}
	zone, err := wallclock.Zone(q.Zone)
	if err != nil {
		return nil, err
	}
	w := &wall{spec: spec, zone: zone}
	gap := 10 * wallSplay
	at := spec.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), zone)
	for range 10 {
		next := spec.Next(at, zone)
		gap = min(gap, next.Sub(at))
		at = next
	}
	w.splay = p.offset(max(gap/10, time.Second))
	return w, nil
}

// next is the first of its times after a moment; of those breaches of its budget make it skip some.
func (w *wall) next(now time.Time, breaches int) time.Time {
	at := w.spec.Next(now.Add(-w.splay), w.zone)
	if denied(breaches) {
		for range min(1<<min(breaches-deniedAfter, 3), skippedMost) {
			at = w.spec.Next(at, w.zone)
		}
	}
	return at.Add(w.splay)
}

// resume is when a query runs after a time that the agent did not: at once where one of its times has passed meanwhile, once
// however many did. run.NextRun is what the agent meant to do when it was last there.
func (w *wall) resume(p plan, run state.Run, now time.Time) time.Time {
	next := w.next(now, run.Breaches)
	if run.NextRun.After(now) || run.NextRun.UnixMilli() <= 0 {
		return next
	}
	return p.first(now)
}
