package livequery

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
	"github.com/tenantra/tenantra/tables"
)

func (f fixture) estimate(t *testing.T, sql string) *Estimate {
	t.Helper()
	e, err := f.EstimateCost(t.Context(), f.scope, Request{SQL: sql})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// The better the fleet knows a statement, the better it is estimated.
func TestAnEstimateIsMadeFromWhatTheFleetKnows(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2)
	const sql = "SELECT uid FROM users"
	e := f.estimate(t, sql)
	if e.Targets != 3 || e.Online != 2 || e.Basis != FromClasses || e.PerAgent.CPUMillisP50 != classCost[tables.Cheap] {
		t.Errorf("without statistics: %+v", e)
	}
	// The module was collected: 2 ms of CPU and 3 ms (rowstest), two rows.
	store := rowstest.Store(t, f.DB)
	host := rowstest.Enroll(t, f.DB, f.scope, "web", "linux")
	host.Tell(t, store, "module:users", []string{"uid"}, [][]tables.Value{row(0), row(1)})
	e = f.estimate(t, sql)
	if e.Basis != FromModules || e.Samples != 1 || e.PerAgent != (AgentCost{2, 2, 3, 3, 2}) || e.Fleet != (FleetCost{6, 6}) {
		t.Errorf("from modules: %+v", e)
	}
	// The same statement was asked: 12 ms.
	q := f.ask(t, sql)
	f.answer(t, q, 0, 0, protocol.OutcomeRows, row(1))
	f.answer(t, q, 1, 0, protocol.OutcomeNoRows)
	e = f.estimate(t, sql)
	if e.Basis != FromHistory || e.Samples != 2 || e.PerAgent.DurationP95 != 12 {
		t.Errorf("from history: %+v", e)
	}
	e = f.estimate(t, "SELECT path FROM suid_bin")
	if len(e.Warnings) != 1 || !strings.Contains(e.Warnings[0], "suid_bin") {
		t.Errorf("warnings: %q", e.Warnings)
	}
	scope := f.scope
	scope.Role = access.ReadOnly
	if _, err := f.EstimateCost(t.Context(), scope, Request{SQL: "SELECT username FROM users"}); fault.CodeOf(err) != fault.Forbidden {
		t.Errorf("an estimate of what may not be asked: %v", err)
	}
}

func TestWhatAnEstimateWarnsOf(t *testing.T) {
	t.Parallel()
	e := &Estimate{Targets: 2000}
	e.fill(history{samples: 10, late: 3, cost: AgentCost{DurationP95: 40_000, Rows: 900}}, nil, 30*time.Second)
	want := []string{
		"one agent in twenty takes longer than the time limit of 30s",
		"the same statement was not answered in time by 3 of 13 agents before",
		"about 1800000 rows will come: aggregate in the statement where you can",
	}
	if diff := cmp.Diff(want, e.Warnings); diff != "" {
		t.Error(diff)
	}
}
