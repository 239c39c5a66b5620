package billing

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestSumCosts(t *testing.T) {
	t.Parallel()
	day1, day2 := time.Date(2026, 1, 1, 23, 59, 0, 0, time.UTC), time.Date(2026, 1, 2, 0, 0, 1, 0, time.UTC)
	executions := []tables.Execution{
		{At: day1, Kind: "scheduled", Name: "pack:base/users", Status: "ok", Rows: 2, Bytes: 20, Wall: 2 * time.Millisecond, CPU: time.Millisecond},
		{At: day1, Kind: "scheduled", Name: "pack:base/ports", Status: "limited", Rows: 3, Bytes: 30, Wall: time.Millisecond},
		{At: day2, Kind: "scheduled", Name: "pack:base/users", Status: "ok", Rows: 2, Bytes: 20},
		{At: day2, Kind: "scheduled", Name: "check:ssh-root-login", Status: "ok", Rows: 1},
		{At: day2, Kind: "scheduled", Name: "check:ssh-root-login/applies", Status: "error"},
		{At: day2, Kind: "live", Name: "0198", Status: "ok", Rows: 7},
		{At: day2, Kind: "live", Name: "0199", Status: "cancelled"},
	}
	want := []dailyCost{
		{Day: "2026-01-01", Kind: "pack", Name: "base", Executions: 2, Failures: 1, Rows: 5, SizeBytes: 50, WallTimeMS: 3, CPUTimeMS: 1},
		{Day: "2026-01-01", Kind: "query", Name: "base/ports", Executions: 1, Failures: 1, Rows: 3, SizeBytes: 30, WallTimeMS: 1},
		{Day: "2026-01-01", Kind: "query", Name: "base/users", Executions: 1, Rows: 2, SizeBytes: 20, WallTimeMS: 2, CPUTimeMS: 1},
		{Day: "2026-01-02", Kind: "check", Name: "ssh-root-login", Executions: 2, Failures: 1, Rows: 1},
		{Day: "2026-01-02", Kind: "live", Executions: 2, Failures: 1, Rows: 7},
		{Day: "2026-01-02", Kind: "pack", Name: "base", Executions: 1, Rows: 2, SizeBytes: 20},
		{Day: "2026-01-02", Kind: "query", Name: "base/users", Executions: 1, Rows: 2, SizeBytes: 20},
	}
	if diff := cmp.Diff(want, sumCosts(executions)); diff != "" {
		t.Error(diff)
	}
}

func TestCosts(t *testing.T) {
	t.Parallel()
	self := past{executions: []tables.Execution{{At: time.Unix(1767225600, 0), Kind: "live", Status: "ok"}}}
	h, err := host.New(t.TempDir(), nil, self)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := tabletest.Rows(t.Context(), Costs, h, tabletest.Query(Costs, nil, nil))
	if err != nil || len(rows) != 1 || rows[0]["day"] != "2026-01-01" {
		t.Errorf("%v, error %v", rows, err)
	}
}
