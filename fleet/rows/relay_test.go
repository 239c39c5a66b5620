package rows_test

import (
	"testing"
	"time"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
	"github.com/tenantra/tenantra/tables"
)

// TestRelayedRuns has osquery's numbers, which skip runs without a change and may come again, keep the state.
func TestRelayedRuns(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	rowsOf := func(names ...string) [][]tables.Value {
		var out [][]tables.Value
		for _, name := range names {
			out = append(out, rowstest.Text([]string{name})...)
		}
		return out
	}
	type run struct {
		mode           protocol.Mode
		version        string
		epoch, counter int64
		added, removed []string
		want           rows.Result
	}
	differential, snapshot, appended := protocol.ModeDifferential, protocol.ModeSnapshot, protocol.ModeAppend
	for name, test := range map[string]struct {
		runs []run
		want []string
	}{
		"changes follow the whole": {[]run{
			{differential, "v", 5, 0, []string{"a", "b"}, nil, rows.Result{}},
			{differential, "v", 5, 7, []string{"c"}, []string{"a"}, rows.Result{}},
		}, []string{"b", "c"}},
		"a run that comes again is not stored twice": {[]run{
			{differential, "v", 5, 0, []string{"a", "a", "b"}, nil, rows.Result{}},
			{differential, "v", 5, 0, []string{"a", "a", "b"}, nil, rows.Result{Repeated: true}},
			{differential, "v", 5, 3, []string{"c"}, []string{"b"}, rows.Result{}},
			{differential, "v", 5, 0, []string{"a", "a", "b"}, nil, rows.Result{Repeated: true}},
			{differential, "v", 5, 3, []string{"c"}, []string{"b"}, rows.Result{Repeated: true}},
		}, []string{"a", "a", "c"}},
		"a run in two pieces is whole": {[]run{
			{differential, "v", 5, 0, []string{"a"}, nil, rows.Result{}},
			{differential, "v", 5, 0, []string{"b"}, nil, rows.Result{}},
			{differential, "v", 5, 1, []string{"c"}, nil, rows.Result{}},
			{differential, "v", 5, 1, nil, []string{"a"}, rows.Result{}},
		}, []string{"b", "c"}},
		"one copy of two goes": {[]run{
			{differential, "v", 5, 0, []string{"a", "a"}, nil, rows.Result{}},
			{differential, "v", 5, 1, nil, []string{"a"}, rows.Result{}},
		}, []string{"a"}},
		"a change without a state before asks for the whole": {[]run{
			{differential, "v", 5, 4, []string{"a"}, nil, rows.Result{Resync: true}},
			{differential, "v", 5, 5, []string{"b"}, []string{"z"}, rows.Result{Resync: true}},
			{differential, "v", 6, 0, []string{"c"}, nil, rows.Result{}},
			{differential, "v", 5, 6, []string{"d"}, nil, rows.Result{Repeated: true}},
		}, []string{"c"}},
		"a new query begins anew": {[]run{
			{differential, "v", 5, 0, []string{"a"}, nil, rows.Result{}},
			{differential, "w", 5, 0, []string{"b"}, nil, rows.Result{}},
		}, []string{"b"}},
		"a snapshot replaces the one before": {[]run{
			{snapshot, "v", 5, 0, []string{"a", "b"}, nil, rows.Result{}},
			{snapshot, "v", 5, 1, []string{"b"}, nil, rows.Result{}},
			{snapshot, "v", 5, 1, []string{"c"}, nil, rows.Result{}},
			{snapshot, "v", 5, 0, []string{"a", "b"}, nil, rows.Result{Repeated: true}},
		}, []string{"b", "c"}},
		"events stay": {[]run{
			{appended, "v", 5, 1, []string{"a"}, nil, rows.Result{}},
			{appended, "v", 5, 4, []string{"a", "b"}, nil, rows.Result{}},
			{appended, "v", 5, 4, []string{"a", "b"}, nil, rows.Result{Repeated: true}},
		}, []string{"a", "a", "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			e := f.enroll(f.tenant(name))
			sender := rows.Sender{Tenant: e.scope.Tenant, Agent: e.id, TenantID: e.TenantID, AgentID: e.ID}
			for i, r := range test.runs {
				b, refused := rows.Relay(sender, rows.Relayed{Collection: ports, Version: r.version, Mode: r.mode, Epoch: r.epoch, Counter: r.counter,
					At: time.Now(), Columns: []string{"name"}, Added: rowsOf(r.added...), Removed: rowsOf(r.removed...)}, time.Now())
				if refused != nil {
					t.Fatal(refused)
				}
				got, err := f.store.Put(t.Context(), &rows.Session{}, b)
				if err != nil || got.Refused != nil || got.Repeated != r.want.Repeated || got.Resync != r.want.Resync {
					t.Fatalf("run %d ended as %+v, %v; want %+v", i, got, err, r.want)
				}
			}
			e.want(ports, rowsOf(test.want...))
			if n := f.count(e.scope, `SELECT rows FROM agent_collections`); n != len(test.want) {
				t.Errorf("%d rows are counted, want %d", n, len(test.want))
			}
			if n := f.count(e.scope, `SELECT count(*) FROM agent_batches`); n != 0 {
				t.Errorf("%d batches are kept as evidence though nobody signed them", n)
			}
		})
	}
}

func TestRelayRefuses(t *testing.T) {
	t.Parallel()
	good := rows.Relayed{Collection: ports, Mode: protocol.ModeDifferential, At: time.Now(), Columns: []string{"name"}}
	for name, change := range map[string]func(*rows.Relayed){
		"a negative counter":      func(r *rows.Relayed) { r.Counter = -1 },
		"an unknown mode":         func(r *rows.Relayed) { r.Mode = "x" },
		"a row of another length": func(r *rows.Relayed) { r.Removed = [][]tables.Value{{}} },
		"a column without a name": func(r *rows.Relayed) { r.Columns = []string{""} },
		"a cell that is too large": func(r *rows.Relayed) {
			r.Added = [][]tables.Value{{tables.TextValue(string(make([]byte, protocol.CellMax+1)))}}
		},
	} {
		r := good
		change(&r)
		if _, refused := rows.Relay(rows.Sender{}, r, time.Now()); refused == nil {
			t.Errorf("%s: no refusal", name)
		}
	}
	if _, refused := rows.Relay(rows.Sender{}, good, time.Now()); refused != nil {
		t.Error(refused)
	}
}
