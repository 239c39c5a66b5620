package orchestration

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

// recording is an agent that records two tables by one publisher and lost some.
var recording = fakeSelf{events: []tables.EventTable{
	{Name: "process_events", Publisher: "audit", Active: true, Subscriptions: 2, Recorded: 1 << 40, Dropped: 7, LastDrop: "the kernel's queue overflowed", Rows: 3, Bytes: 99, Evicted: 2, Expired: 1},
	{Name: "socket_events", Publisher: "audit", Reason: "another program owns the audit socket", Subscriptions: 1, Refreshes: 4},
}}

func linuxRows(t *testing.T, table *tables.Table) map[string]tabletest.Row {
	t.Helper()
	h, err := host.NewImage(t.TempDir(), tables.Linux, nil, recording)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := tabletest.Rows(t.Context(), table, h, tabletest.Query(table, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]tabletest.Row{}
	for _, row := range rows {
		byName[row["name"].(string)] = row
	}
	return byName
}

func TestOsqueryEventsTellOfPublishersAndSubscribers(t *testing.T) {
	t.Parallel()
	rows := linuxRows(t, Events)
	for name, want := range map[string]tabletest.Row{
		"audit":          {"name": "audit", "publisher": "audit", "type": "publisher", "subscriptions": int64(3), "events": int64(1<<31 - 1), "refreshes": int64(4), "active": int64(1)},
		"process_events": {"name": "process_events", "publisher": "audit", "type": "subscriber", "subscriptions": int64(2), "events": int64(1<<31 - 1), "refreshes": int64(0), "active": int64(1)},
		"file_events":    {"name": "file_events", "publisher": "", "type": "subscriber", "subscriptions": int64(0), "events": int64(0), "refreshes": int64(0), "active": int64(0)},
	} {
		if diff := cmp.Diff(want, rows[name]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestLossesAndReasonsAreRows(t *testing.T) {
	t.Parallel()
	rows := linuxRows(t, EventTables)
	if row := rows["process_events"]; row["dropped"] != int64(7) || row["last_drop"] != "the kernel's queue overflowed" || row["evicted"] != int64(2) || row["rows"] != int64(3) {
		t.Errorf("%v", row)
	}
	if row := rows["socket_events"]; row["active"] != int64(0) || row["reason"] != "another program owns the audit socket" {
		t.Errorf("%v", row)
	}
	if row := rows["file_events"]; row["reason"] == "" {
		t.Errorf("nothing says why there are no file events: %v", row)
	}
}
