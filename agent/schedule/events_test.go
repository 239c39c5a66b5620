package schedule_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/protocol/frame"
	"github.com/tenantra/tenantra/agent/spool"
	"github.com/tenantra/tenantra/tables"
)

type happening struct {
	Action string `col:"action" doc:"The same in each event."`
}

// happenings is a table of events that are all alike, of which the rig says how many were recorded.
func (r *rig) happenings() *tables.Table {
	return tables.Define[happening](tables.Spec{Name: "happenings", Doc: "Events.", Category: tables.Threat, Platforms: tables.AllPlatforms, Event: true},
		func(ctx context.Context, _ tables.Host, _ *tables.Query, emit func(*happening) error) error {
			r.mu.Lock()
			newest := r.events
			r.mu.Unlock()
			after, until, err := tables.EventCursorOf(ctx).Window("happenings", func(int64) (int64, error) { return newest, nil })
			for ; err == nil && after < until; after++ {
				err = emit(&happening{"happened"})
			}
			return err
		})
}

func (r *rig) record(n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events += n
}

// spooled gives the batches that wait, as mode, added and removed rows.
func (r *rig) spooled(t *testing.T) []string {
	t.Helper()
	items, err := spool.New(r.db, spool.Signer{}).After(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, item := range items {
		envelope, err := frame.Decode(item.Frame)
		if err != nil {
			t.Fatal(err)
		}
		var batch protocol.Batch
		if err := protocol.Decode(envelope.Body, &batch); err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprintf("%d added, %d removed", len(batch.Added), len(batch.Removed)))
	}
	return list
}

// TestEventsAreToldOnce: events that look alike are not taken for known ones, none is taken back, and the modes of packs that
// were written for state do not matter.
func TestEventsAreToldOnce(t *testing.T) {
	t.Parallel()
	for _, mode := range []protocol.Mode{protocol.ModeAppend, protocol.ModeDifferential, protocol.ModeSnapshot} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.record(3)
			r.configure(t, hourly("SELECT action FROM happenings", mode))
			r.clock.set(r.clock.Now().Add(5 * time.Second))
			run := r.executions(t, 1)
			r.clock.set(run.NextRun)
			run = r.executions(t, 2) // nothing is new
			r.record(2)
			r.clock.set(run.NextRun)
			r.executions(t, 3)
			if got := fmt.Sprint(r.spooled(t)); got != "[3 added, 0 removed 2 added, 0 removed]" {
				t.Errorf("the batches are %s", got)
			}
		})
	}
}

// TestEventsOfAFullSpoolAreReadAgain: the cursor moves with the batch, or not at all.
func TestEventsOfAFullSpoolAreReadAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.record(3)
	config := hourly("SELECT action FROM happenings", protocol.ModeAppend)
	config.SpoolMaxBytes = 1
	r.configure(t, config)
	r.clock.set(r.clock.Now().Add(5 * time.Second))
	run := r.executions(t, 1)
	config.SpoolMaxBytes = 0
	r.configure(t, config)
	r.clock.set(run.NextRun)
	r.executions(t, 2)
	if got := fmt.Sprint(r.spooled(t)); got != "[3 added, 0 removed]" {
		t.Errorf("the batches are %s", got)
	}
}

// TestCursorsOfARemovedQueryAreForgotten: a query of the same name, added later, begins with what the buffer holds.
func TestCursorsOfARemovedQueryAreForgotten(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.record(3)
	r.configure(t, hourly("SELECT action FROM happenings", protocol.ModeAppend))
	r.clock.set(r.clock.Now().Add(5 * time.Second))
	r.executions(t, 1)
	if cursors, err := r.db.EventCursors(t.Context(), "pack:p/q"); err != nil || cursors["happenings"] != 3 {
		t.Errorf("the cursors are %v, %v", cursors, err)
	}
	if err := r.db.SaveConfig(t.Context(), protocol.Command{Body: []byte("{}")}, 2, protocol.Config{}); err != nil {
		t.Fatal(err)
	}
	if cursors, err := r.db.EventCursors(t.Context(), "pack:p/q"); err != nil || len(cursors) != 0 {
		t.Errorf("the cursors are %v, %v", cursors, err)
	}
}
