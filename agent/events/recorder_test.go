package events

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tenantra/tenantra/agent/events/buffer"
	"github.com/tenantra/tenantra/agent/events/filewatch"
	"github.com/tenantra/tenantra/tables"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a recorder with one publisher of two tables, which tells of its starts.
type rig struct {
	*Recorder
	starts chan job
	fail   chan error
}

func newRig(t *testing.T) *rig {
	t.Helper()
	to, err := buffer.Open(t.Context(), t.TempDir(), buffer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{starts: make(chan job, 10), fail: make(chan error)}
	r.Recorder = New(Options{Buffer: to, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	r.retry = func(int) time.Duration { return time.Millisecond }
	r.publishers = []publisher{{
		name: "source", tables: []string{"file_events", "process_events"},
		needs: func(s Settings) (job, string) {
			if s.Files.Empty() {
				return job{}, "no paths"
			}
			return job{files: s.Files}, ""
		},
		run: func(ctx context.Context, o Options, j job) error {
			for _, table := range j.tables {
				o.Buffer.SetStatus(table, buffer.Status{Publisher: "source", Active: true})
			}
			r.starts <- j
			select {
			case <-ctx.Done():
				return ctx.Err()
			case err := <-r.fail:
				if err == nil {
					panic("a record that nobody thought of")
				}
				return err
			}
		},
	}}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		to.Close()
	})
	return r
}

func settings(dir string, names ...string) Settings {
	return Settings{
		Known: []string{"file_events", "process_events", "user_events", "yara_events"}, Tables: names,
		Refused: map[string]string{"user_events": "switched off here"}, Files: filewatch.Config{Paths: map[string][]string{"c": {dir}}},
	}
}

func (r *rig) started(t *testing.T) job {
	t.Helper()
	select {
	case j := <-r.starts:
		return j
	case <-time.After(20 * time.Second):
		t.Fatal("the publisher does not start")
		return job{}
	}
}

// until waits for what a table's status says.
func (r *rig) until(t *testing.T, table string, ok func(tables.EventTable) bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		list, err := r.o.Buffer.EventTables(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(list, func(e tables.EventTable) bool { return e.Name == table })
		if i >= 0 && ok(list[i]) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %+v", table, list)
		}
		<-time.After(2 * time.Millisecond)
	}
}

func TestPublishersFollowTheSettings(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.Configure(settings("/a", "file_events", "yara_events"))
	if j := r.started(t); !slices.Equal(j.tables, []string{"file_events"}) {
		t.Errorf("it records %v", j.tables)
	}
	r.until(t, "file_events", func(e tables.EventTable) bool { return e.Active })
	for table, reason := range map[string]string{"process_events": "nothing asks", "user_events": "switched off here", "yara_events": "cannot record"} {
		r.until(t, table, func(e tables.EventTable) bool { return !e.Active && strings.Contains(e.Reason, reason) })
	}
	r.Configure(settings("/a", "file_events")) // the same for this publisher
	r.Configure(settings("/b", "file_events", "process_events"))
	if j := r.started(t); len(j.tables) != 2 || j.files.Paths["c"][0] != "/b" {
		t.Errorf("it records %+v", j)
	}
	none := settings("/b", "file_events")
	none.Files = filewatch.Config{}
	r.Configure(none)
	r.until(t, "file_events", func(e tables.EventTable) bool { return !e.Active && e.Reason == "no paths" })
	if len(r.starts) != 0 {
		t.Error("the publisher started once more than its settings changed")
	}
}

func TestAPublisherThatFailsSaysWhyAndTriesAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.retry = func(int) time.Duration { return 200 * time.Millisecond }
	r.Configure(settings("/a", "file_events"))
	r.started(t)
	r.fail <- errors.New("the socket is another's")
	r.until(t, "file_events", func(e tables.EventTable) bool {
		return !e.Active && e.Reason == "the socket is another's" && e.Publisher == "source"
	})
	r.started(t)
	r.fail <- nil // panics
	r.until(t, "file_events", func(e tables.EventTable) bool {
		return !e.Active && strings.Contains(e.Reason, "a record that nobody thought of")
	})
	r.started(t)
	r.until(t, "file_events", func(e tables.EventTable) bool { return e.Active })
}

func TestBackOffIsBounded(t *testing.T) {
	t.Parallel()
	if first, last := backOff(0), backOff(1000); first != time.Minute || last != time.Hour {
		t.Errorf("from %v to %v", first, last)
	}
}
