package daemon_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/orchestration"
	"github.com/tenantra/tenantra/tables/threat"
)

// newEventRig is an agent with tables of events.
func newEventRig(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	r.extra = []*tables.Table{threat.FileEvents, threat.SyslogEvents, threat.YARAEvents, orchestration.EventTables}
	return r
}

// order sends a configuration and waits until it is in force.
func (r *rig) order(t *testing.T, version int64, c protocol.Config) {
	t.Helper()
	c.HeartbeatSeconds, c.AllowedClass = 60, "personal"
	r.Send(r.Order(protocol.CommandConfig, version, c))
	r.Wait(t, "the configuration to be confirmed", func() bool {
		beats := r.Heartbeats()
		return len(beats) > 0 && beats[len(beats)-1].ConfigVersion >= version
	})
}

// answers asks live until the answer's rows are as wanted, and gives them as text.
func (r *rig) answers(t *testing.T, sql string, ok func(rows []string) bool) []string {
	t.Helper()
	var rows []string
	r.Wait(t, "an answer to "+sql, func() bool {
		rows = nil
		for _, part := range r.ask(t, protocol.LiveQuery{QueryID: uuid.NewString(), SQL: sql}) {
			if part.Header.Error != "" {
				t.Fatal(part.Header.Error)
			}
			for _, row := range part.Answer.Rows {
				rows = append(rows, strings.Trim(fmt.Sprint(row), "[]"))
			}
		}
		return ok(rows)
	})
	return rows
}

func watching(dir string, queries ...protocol.ConfigQuery) protocol.Config {
	return protocol.Config{Queries: queries, Events: &protocol.Events{FilePaths: map[string][]string{"test": {dir + "/%%"}}}}
}

func (r *rig) active(t *testing.T, table string) {
	t.Helper()
	r.answers(t, "SELECT name FROM tenantra_events WHERE active = 1 AND name = '"+table+"'", func(rows []string) bool { return len(rows) == 1 })
}

func TestFilesThatChangeAreRecorded(t *testing.T) {
	t.Parallel()
	r := newEventRig(t)
	r.start(t)
	r.connected(t, 1)
	dir := t.TempDir()
	r.order(t, 1, watching(dir, protocol.ConfigQuery{
		Collection: "pack:test/files", SQL: "SELECT action FROM file_events WHERE action = 'CREATED'", IntervalSeconds: 1, Mode: protocol.ModeDifferential,
	}))
	r.active(t, "file_events")
	for i := range 3 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const live = "SELECT target_path FROM file_events WHERE action = 'CREATED'"
	for range 2 { // a live query sees all, each time
		r.answers(t, live, func(rows []string) bool { return len(rows) == 3 })
	}
	told := func() int {
		n := 0
		for _, b := range r.Batches() {
			if b.Header.Collection == "pack:test/files" {
				if b.Header.Mode != protocol.ModeAppend || len(b.Batch.Removed) != 0 {
					t.Errorf("events are told by %+v", b.Header)
				}
				n += len(b.Batch.Added)
			}
		}
		return n
	}
	r.Wait(t, "the scheduled query to tell each event", func() bool { return told() == 3 })
	r.stop()
	r.start(t) // events and cursors outlive the process
	r.connected(t, 2)
	r.active(t, "file_events")
	r.answers(t, live, func(rows []string) bool { return len(rows) == 3 })
	if err := os.WriteFile(filepath.Join(dir, "after"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.Wait(t, "the next event", func() bool { return told() >= 4 })
	if n := told(); n != 4 {
		t.Errorf("four events are told as %d", n)
	}
}

func TestWhatMayNotBeReadIsNotRecorded(t *testing.T) {
	t.Parallel()
	r := newEventRig(t)
	r.policy = filepath.Join(t.TempDir(), "policy.json")
	if err := os.WriteFile(r.policy, []byte(`{"disabled_tables": ["file_events"], "events": {"tables": ["yara_events"]}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	r.start(t)
	r.connected(t, 1)
	c := watching(t.TempDir())
	c.Events.Tables = []string{"syslog"}
	r.order(t, 1, c)
	rows := r.answers(t, "SELECT name, active, reason FROM tenantra_events ORDER BY name", func(rows []string) bool {
		return slices.ContainsFunc(rows, func(row string) bool { return strings.Contains(row, "content") })
	})
	for name, reason := range map[string]string{
		"file_events":    "switched off",
		"syslog_events":  "message is of class content",
		"yara_events":    "strings is of class content",
		"process_events": "nothing asks",
	} {
		if !slices.ContainsFunc(rows, func(row string) bool { return strings.Contains(row, name) && strings.Contains(row, reason) }) {
			t.Errorf("nothing says %q of %s: %q", reason, name, rows)
		}
	}
}
