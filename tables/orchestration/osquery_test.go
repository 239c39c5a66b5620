package orchestration

import (
	"context"
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

// extended is an agent with an extension and options.
type extended struct{ host.NoSelf }

func (extended) Info(context.Context) (tables.Info, error) {
	return tables.Info{Version: "1.2.3"}, nil
}

func (extended) Extensions(context.Context) ([]tables.Extension, error) {
	return []tables.Extension{{UUID: 7, Name: "kolide", Version: "2", SDKVersion: "3", Path: "/run/x.7", Tables: []string{"apple_silicon", "wifi"}}}, nil
}

func (extended) Flags(context.Context) ([]tables.Flag, error) {
	return []tables.Flag{
		{Name: "state", Type: "string", Description: "State.", Default: "/var/lib/x", Value: "/tmp/x"},
		{Name: "json", Type: "bool", Default: "false", Value: "true", ShellOnly: true},
	}, nil
}

func TestExtensions(t *testing.T) {
	t.Parallel()
	want := []tabletest.Row{
		{"uuid": int64(0), "name": "core", "version": "1.2.3", "sdk_version": "1.2.3", "path": "", "type": "core"},
		{"uuid": int64(7), "name": "kolide", "version": "2", "sdk_version": "3", "path": "/run/x.7", "type": "extension"},
	}
	if diff := cmp.Diff(want, rowsOf(t, Extensions, extended{})); diff != "" {
		t.Error(diff)
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	want := []tabletest.Row{
		{"name": "state", "type": "string", "description": "State.", "default_value": "/var/lib/x", "value": "/tmp/x", "shell_only": int64(0)},
		{"name": "json", "type": "bool", "description": "", "default_value": "false", "value": "true", "shell_only": int64(1)},
	}
	if diff := cmp.Diff(want, rowsOf(t, Flags, extended{})); diff != "" {
		t.Error(diff)
	}
}

func TestRegistry(t *testing.T) {
	t.Parallel()
	nowhere := tables.DefineByPlatform(tables.Spec{Name: "nowhere", Platforms: tables.AllPlatforms}, tables.Generators[osqueryFlag]{})
	registry := Registry(&Catalogue{Tables: []*tables.Table{Info, nowhere}})
	var got []any
	for _, row := range rowsOf(t, registry, extended{}) {
		got = append(got, row["name"], row["owner_uuid"])
	}
	if diff := cmp.Diff([]any{"tenantra_info", int64(0), "osquery_info", int64(0), "apple_silicon", int64(7), "wifi", int64(7)}, got); diff != "" {
		t.Error(diff)
	}
}
