package orchestration

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

// fakeSelf is an agent with a known past.
type fakeSelf struct {
	info       tables.Info
	schedule   []tables.ScheduledQuery
	executions []tables.Execution
	events     []tables.EventTable
	err        error

	host.NoSelf // has no events
}

func (f fakeSelf) EventTables(context.Context) ([]tables.EventTable, error) { return f.events, f.err }

func (f fakeSelf) Info(context.Context) (tables.Info, error) { return f.info, f.err }
func (f fakeSelf) Schedule(context.Context) ([]tables.ScheduledQuery, error) {
	return f.schedule, f.err
}
func (f fakeSelf) Executions(context.Context) ([]tables.Execution, error) { return f.executions, f.err }

func rowsOf(t *testing.T, table *tables.Table, self tables.Self) []tabletest.Row {
	t.Helper()
	h, err := host.New(t.TempDir(), nil, self)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := tabletest.Rows(t.Context(), table, h, tabletest.Query(table, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestInfo(t *testing.T) {
	t.Parallel()
	enrolled := fakeSelf{info: tables.Info{
		Version: "1.2.3", AgentID: "a-1", TenantID: "t-1", ConfigVersion: 7, StartedAt: time.Unix(1767225600, 0), PID: 42,
		StateDir: "/var/lib/tenantra", SpoolBatches: 3, SpoolBytes: 900, SpoolDropped: 1,
	}}
	want := tabletest.Row{
		"pid": int64(42), "uuid": "a-1", "instance_id": "a-1", "version": "1.2.3", "config_hash": "7", "config_valid": int64(1),
		"extensions": "inactive", "build_platform": runtime.GOOS, "build_distro": runtime.GOARCH, "start_time": int64(1767225600),
		"watcher": int64(-1), "platform_mask": int64(platformMask(runtime.GOOS)), "agent_id": "a-1", "tenant_id": "t-1",
		"config_version": int64(7), "state_dir": "/var/lib/tenantra", "spool_batches": int64(3), "spool_bytes": int64(900), "spool_dropped": int64(1),
	}
	if diff := cmp.Diff([]tabletest.Row{want}, rowsOf(t, Info, enrolled)); diff != "" {
		t.Error(diff)
	}
	alone := rowsOf(t, Info, nil)
	if len(alone) != 1 || alone[0]["start_time"] != nil || alone[0]["config_valid"] != int64(0) || alone[0]["agent_id"] != "" {
		t.Errorf("without a daemon: %v", alone)
	}
}

func TestPlatformMask(t *testing.T) {
	t.Parallel()
	for goos, want := range map[string]int32{"linux": 9, "darwin": 21, "windows": 2} {
		if got := platformMask(goos); got != want {
			t.Errorf("%s has mask %d, want %d", goos, got, want)
		}
	}
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	self := fakeSelf{
		schedule: []tables.ScheduledQuery{
			{
				Pack: "base", Name: "users", SQL: "SELECT * FROM users", Interval: time.Hour, Removed: true, Executions: 2,
				LastRun: time.Unix(1767225600, 0), NextRun: time.Unix(1767229200, 0), LastStatus: "limited", LastError: "over 1 s of processor time",
				Denied: true, Rows: 40, Bytes: 4000, Wall: 2500 * time.Millisecond, CPU: 1500 * time.Millisecond,
			},
			{Pack: "base", Name: "new", SQL: "SELECT 1", Interval: time.Minute, Snapshot: true},
		},
		executions: []tables.Execution{
			{Kind: "scheduled", SQL: "SELECT * FROM users", Wall: 900 * time.Millisecond, CPU: 500 * time.Millisecond},
			{Kind: "scheduled", SQL: "SELECT * FROM users", Wall: 1600 * time.Millisecond, CPU: time.Second},
			{Kind: "live", SQL: "SELECT 1", Wall: time.Second},
		},
	}
	want := []tabletest.Row{
		{
			"name": "users", "query": "SELECT * FROM users", "interval": int64(3600), "executions": int64(2), "last_executed": int64(1767225600),
			"denylisted": int64(1), "output_size": int64(4000), "wall_time": int64(2), "wall_time_ms": int64(2500), "last_wall_time_ms": int64(1600),
			"user_time": int64(1500), "last_user_time": int64(1000), "system_time": int64(0), "last_system_time": int64(0), "average_memory": nil,
			"last_memory": nil, "pack": "base", "snapshot": 0, "removed": 1, "next_run": int64(1767229200), "last_status": "limited",
			"last_error": "over 1 s of processor time", "rows": int64(40),
		},
		{
			"name": "new", "query": "SELECT 1", "interval": int64(60), "executions": int64(0), "last_executed": int64(0), "denylisted": int64(0),
			"output_size": int64(0), "wall_time": int64(0), "wall_time_ms": int64(0), "last_wall_time_ms": nil, "user_time": int64(0),
			"last_user_time": nil, "system_time": int64(0), "last_system_time": nil, "average_memory": nil, "last_memory": nil, "pack": "base",
			"snapshot": 1, "removed": 0, "next_run": nil, "last_status": "", "last_error": "", "rows": int64(0),
		},
	}
	if diff := cmp.Diff(want, rowsOf(t, Schedule, self)); diff != "" {
		t.Error(diff)
	}
	if rows := rowsOf(t, Schedule, nil); len(rows) != 0 {
		t.Errorf("without a daemon: %v", rows)
	}
}

func TestErrorsOfTheAgentAreTold(t *testing.T) {
	t.Parallel()
	broken := errors.New("state is locked")
	h, err := host.New(t.TempDir(), nil, fakeSelf{err: broken})
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []*tables.Table{Info, Packs, Schedule, Extensions} {
		if _, err := tabletest.Rows(t.Context(), table, h, tabletest.Query(table, nil, nil)); !errors.Is(err, broken) {
			t.Errorf("%s: %v", table.Name, err)
		}
	}
}
