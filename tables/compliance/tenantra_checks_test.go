package compliance

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

// checked is an agent with a schedule and a past.
type checked struct{ host.NoSelf }

func (checked) Schedule(context.Context) ([]tables.ScheduledQuery, error) {
	return []tables.ScheduledQuery{
		{Pack: "base", Name: "users"},
		{Pack: "check", Name: "ssh-root-login", SQL: "SELECT 1", Interval: time.Hour, Executions: 2, LastRun: time.Unix(1767225600, 0), LastStatus: "ok"},
		{Pack: "check", Name: "new", SQL: "SELECT 2"},
	}, nil
}

func (checked) Executions(context.Context) ([]tables.Execution, error) {
	return []tables.Execution{
		{Kind: "scheduled", Name: "check:ssh-root-login", Rows: 9}, {Kind: "scheduled", Name: "check:ssh-root-login", Rows: 3}, {Kind: "live", Name: "check:new", Rows: 1},
	}, nil
}

func TestChecks(t *testing.T) {
	t.Parallel()
	h, err := host.New(t.TempDir(), nil, checked{})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := tabletest.Rows(t.Context(), Checks, h, tabletest.Query(Checks, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	want := []tabletest.Row{
		{"check_id": "ssh-root-login", "query": "SELECT 1", "last_run": int64(1767225600), "status": "ok", "error": "", "rows": int64(3), "executions": int64(2), "interval_seconds": int64(3600)},
		{"check_id": "new", "query": "SELECT 2", "last_run": nil, "status": "", "error": "", "rows": nil, "executions": int64(0), "interval_seconds": int64(0)},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
}
