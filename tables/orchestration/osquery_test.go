package orchestration

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestPacks(t *testing.T) {
	t.Parallel()
	self := fakeSelf{schedule: []tables.ScheduledQuery{{Pack: "base", Name: "a"}, {Pack: "ir", Name: "b"}, {Pack: "base", Name: "c"}}}
	var names []any
	for _, row := range rowsOf(t, Packs, self) {
		names = append(names, row["name"])
	}
	if diff := cmp.Diff([]any{"base", "ir"}, names); diff != "" {
		t.Error(diff)
	}
}

func TestEventsThatNothingRecordsAreNotActive(t *testing.T) {
	t.Parallel()
	h, err := host.NewImage(t.TempDir(), tables.Linux, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := tabletest.Rows(t.Context(), Events, h, tabletest.Query(Events, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[any]any{}
	for _, row := range rows {
		seen[row["name"]] = row["active"]
	}
	for _, name := range []string{"process_events", "file_events", "hardware_events"} {
		if active, ok := seen[name]; !ok || active != int64(0) {
			t.Errorf("table %s: active %v, listed %t", name, active, ok)
		}
	}
	if _, ok := seen["yara_file"]; ok {
		t.Error("yara_file is no table of events")
	}
}

func TestExtensionsListTheProgram(t *testing.T) {
	t.Parallel()
	rows := rowsOf(t, Extensions, fakeSelf{info: tables.Info{Version: "1.2.3"}})
	if len(rows) != 1 || rows[0]["name"] != "core" || rows[0]["version"] != "1.2.3" {
		t.Errorf("%v", rows)
	}
}
