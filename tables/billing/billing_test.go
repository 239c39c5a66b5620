package billing

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

// past is an agent that remembers some executions, or fails to.
type past struct {
	host.NoSelf
	executions []tables.Execution
	err        error
}

func (p past) Executions(context.Context) ([]tables.Execution, error) { return p.executions, p.err }

func TestQueries(t *testing.T) {
	t.Parallel()
	self := past{executions: []tables.Execution{
		{At: time.Unix(1767225600, 5), Kind: "scheduled", Name: "users", SQL: "SELECT * FROM users", Status: "ok", Rows: 20, Bytes: 2000, Wall: 1500 * time.Microsecond, CPU: 250 * time.Microsecond},
		{At: time.Unix(1767225601, 0), Kind: "live", SQL: "SELECT x", Status: "error", Error: "no such column: x"},
	}}
	h, err := host.New(t.TempDir(), nil, self)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := tabletest.Rows(t.Context(), Queries, h, tabletest.Query(Queries, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	want := []tabletest.Row{
		{"time": int64(1767225600), "kind": "scheduled", "name": "users", "query": "SELECT * FROM users", "status": "ok", "error": "", "rows": int64(20), "size_bytes": int64(2000), "wall_time_ms": 1.5, "cpu_time_ms": 0.25},
		{"time": int64(1767225601), "kind": "live", "name": "", "query": "SELECT x", "status": "error", "error": "no such column: x", "rows": int64(0), "size_bytes": int64(0), "wall_time_ms": 0.0, "cpu_time_ms": 0.0},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
}

func TestQueriesTellsWhyThePastIsUnknown(t *testing.T) {
	t.Parallel()
	broken := errors.New("state is locked")
	h, err := host.New(t.TempDir(), nil, past{err: broken})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tabletest.Rows(t.Context(), Queries, h, tabletest.Query(Queries, nil, nil)); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}
