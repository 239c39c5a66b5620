package rows_test

// A test for each trap of the study that the shapes of these tables come from (DESIGN.md names them).

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
	"github.com/tenantra/tenantra/tables"
)

// Ingest must find rows by their whole key, whatever the planner knows of the tables.
func TestStatementsKeepTheirPlans(t *testing.T) {
	t.Parallel()
	db, admin := pgtest.NewWithAdmin(t)
	f := &fleet{t: t, db: db}
	f.scope = f.tenant("Acme")
	f.store = rows.NewStore(rows.Config{DB: db, MaxDelay: time.Millisecond})
	f.start(f.store)
	var many [][]tables.Value
	for i := range 2000 {
		many = append(many, []tables.Value{tables.IntValue(int64(i)), tables.TextValue("x")})
	}
	for range 3 {
		e := f.enroll(f.scope)
		e.put(e.Snapshot(ports, columns, many), rows.Result{})
	}
	ints, longs := []int32{f.scope.Tenant}, []int64{1}
	times := []time.Time{time.Now()}
	statements := map[string][]any{
		rows.SQLRemove:  {ints, ints, ints, longs, ints, times},
		rows.SQLCurrent: {ints, ints, ints},
	}
	for _, analysed := range []bool{false, true} {
		if analysed {
			if _, err := admin.Exec(t.Context(), `ANALYZE tenantra.agent_rows`); err != nil {
				t.Fatal(err)
			}
		}
		for _, mode := range []string{"force_generic_plan", "force_custom_plan"} {
			for text, args := range statements {
				f.inScope(f.scope, func(ctx context.Context, tx *postgres.Tx) error {
					if _, err := tx.Exec(ctx, `SELECT set_config('plan_cache_mode', $1, true)`, mode); err != nil {
						return err
					}
					lines, err := tx.Query(ctx, "EXPLAIN "+text, args...)
					if err != nil {
						return err
					}
					plan, err := pgx.CollectRows(lines, pgx.RowTo[string])
					all := strings.Join(plan, "\n")
					if strings.Contains(all, "Seq Scan on agent_rows") || strings.Contains(all, "agent_rows_by_row") || !strings.Contains(all, "agent_rows_pkey") {
						t.Errorf("analysed %v, %s:\n%s", analysed, mode, all)
					}
					return err
				})
			}
		}
	}
}

func TestGroupThatIsStoredInPartGoesOn(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	e := f.enroll(f.scope)
	var drafts []rowstest.Draft
	for i := range 5 {
		drafts = append(drafts, e.Differential(ports, columns, rowstest.Text([]string{"n", fmt.Sprint(i)})))
	}
	for _, d := range drafts[:3] {
		e.put(d, rows.Result{})
	}
	ends := e.submitAll(f.store, drafts)
	for i, want := range []bool{true, true, true, false, false} {
		if end := <-ends; end.err != nil || end.result.Refused != nil || end.result.Repeated != want {
			t.Errorf("batch %d: %+v", i+1, end)
		}
	}
	e.want(ports, rowstest.Text([]string{"n", "4"}))
}

type end struct {
	result rows.Result
	err    error
}

// submitAll submits drafts in one session; their ends come in order.
func (e *endpoint) submitAll(store *rows.Store, drafts []rowstest.Draft) <-chan end {
	e.fleet.t.Helper()
	ends := make(chan end, len(drafts))
	session := &rows.Session{}
	for _, d := range drafts {
		if err := store.Submit(e.fleet.t.Context(), session, e.open(d), func(r rows.Result, err error) { ends <- end{r, err} }); err != nil {
			ends <- end{err: err}
		}
	}
	return ends
}

// Batches of one stream that wait together leave all their states in history, and those of the agent's other streams that
// were sent after them do not make them look stored.
func TestHistoryKeepsStatesThatWaitTogether(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	e := f.enroll(f.scope)
	store := rows.NewStore(rows.Config{DB: f.db, MaxDelay: 50 * time.Millisecond})
	var drafts []rowstest.Draft
	for i := range 3 {
		drafts = append(drafts, e.Differential(ports, columns, rowstest.Text([]string{"n", fmt.Sprint(i)})))
	}
	drafts = append(drafts, e.Snapshot(users, columns, rowstest.Text([]string{"u", "1"})))
	ends := e.submitAll(store, drafts) // all before the first flush
	f.start(store)
	for i := range drafts {
		if end := <-ends; end.err != nil || end.result != (rows.Result{}) {
			t.Errorf("batch %d: %+v", i+1, end)
		}
	}
	if n := f.count(f.scope, `SELECT count(*) FROM agent_rows_past WHERE agent_id = $1 AND seen_to > seen_from`, e.id); n != 2 {
		t.Errorf("history holds %d rows, want 2", n)
	}
	e.want(ports, rowstest.Text([]string{"n", "2"}))
	e.want(users, rowstest.Text([]string{"u", "1"}))
}

func TestSpoiltBatchSpoilsNoOther(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	spoilt, good := f.enroll(f.scope), f.enroll(f.scope)
	spoilt.put(spoilt.Snapshot(ports, columns, rowstest.Text([]string{"x", "1"})), rows.Result{})
	f.inScope(f.scope, func(ctx context.Context, tx *postgres.Tx) error { // as if another row had its id
		_, err := tx.Exec(ctx, `UPDATE row_values SET check_hash = check_hash + 1`)
		return err
	})
	store := rows.NewStore(rows.Config{DB: f.db, Writers: 1, MaxDelay: 50 * time.Millisecond}) // knows no row yet
	second := f.enroll(f.scope)
	first := spoilt.submitAll(store, []rowstest.Draft{spoilt.Snapshot(ports, columns, rowstest.Text([]string{"y", "1"}))})
	bad := second.submitAll(store, []rowstest.Draft{second.Snapshot(ports, columns, rowstest.Text([]string{"x", "1"}))})
	fine := good.submitAll(store, []rowstest.Draft{good.Snapshot(ports, columns, rowstest.Text([]string{"z", "1"})), good.Snapshot(users, columns, nil)})
	f.start(store)
	if end := <-bad; end.err != nil || end.result.Refused == nil || !end.result.Resync {
		t.Errorf("the spoilt batch: %+v", end)
	}
	for _, ends := range []<-chan end{first, fine, fine} {
		if end := <-ends; end.err != nil || end.result != (rows.Result{}) {
			t.Errorf("another batch of its group: %+v", end)
		}
	}
	good.want(ports, rowstest.Text([]string{"z", "1"}))
	second.want(ports, nil)
	second.put(second.Snapshot(users, columns, rowstest.Text([]string{"later", "1"})), rows.Result{})
}

func TestSessionEndsAtItsFirstFailure(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	e, other := f.enroll(f.scope), f.enroll(f.scope)
	store := rows.NewStore(rows.Config{DB: f.db, MaxBytes: 1})
	held := other.submitAll(store, []rowstest.Draft{other.Snapshot(ports, columns, rowstest.Text([]string{"a", "1"}))}) // a single batch is always taken
	drafts := []rowstest.Draft{e.Snapshot(ports, columns, rowstest.Text([]string{"a", "1"})), e.Snapshot(users, columns, rowstest.Text([]string{"a", "1"}))}
	ends := e.submitAll(store, drafts)
	if first, second := <-ends, <-ends; !errors.Is(first.err, rows.ErrBusy) || !errors.Is(second.err, rows.ErrBroken) {
		t.Errorf("%v, then %v", first.err, second.err)
	}
	f.start(store)
	<-held
	for _, d := range drafts {
		e.put(d, rows.Result{}) // nothing of them was stored
	}
}

// What a sweep deletes is sent to the dictionary again, by servers that knew it too.
func TestSweptRowsComeBack(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	e := f.enroll(f.scope)
	row := rowstest.Text([]string{"a", "1"})
	e.put(e.Snapshot(ports, columns, row), rows.Result{})
	e.put(e.Snapshot(ports, columns, nil), rows.Result{})
	sweep := func(want int64) {
		t.Helper()
		if n, err := rows.Sweep(t.Context(), f.db, f.scope.Tenant); err != nil || n != want {
			t.Fatalf("swept %d rows, want %d: %v", n, want, err)
		}
	}
	sweep(0) // history needs it
	f.inScope(f.scope, func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM agent_rows_past`)
		return err
	})
	sweep(1)
	e.put(e.Snapshot(ports, columns, row), rows.Result{})
	e.want(ports, row)
	sweep(0)
}

func TestPartitionsCannotBeReadDirectly(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	for _, parent := range []string{"agent_rows_past", "agent_batches"} {
		name := parent + "_" + time.Now().UTC().Format("200601")
		err := f.db.InScope(t.Context(), f.scope, func(ctx context.Context, tx *postgres.Tx) error {
			_, err := tx.Exec(ctx, "SELECT FROM "+pgx.Identifier{name}.Sanitize())
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestUpkeep(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	e, kept := f.enroll(f.scope), f.enroll(f.scope)
	e.put(e.Append(ports, columns, rowstest.Text([]string{"event", "1"}, []string{"event", "1"}, []string{"event", "2"})), rows.Result{})
	kept.put(kept.Snapshot(ports, columns, rowstest.Text([]string{"state", "1"})), rows.Result{})
	then := e.read(ports, time.Time{}).Rows[0].SeenFrom
	if err := f.db.Lookup(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `SELECT keeper.make_row_partitions(current_date - 200, 1)`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	partitions := func() int {
		return f.count(f.scope, `SELECT count(*) FROM pg_inherits WHERE inhparent IN ('agent_rows_past'::regclass, 'agent_batches'::regclass)`)
	}
	before := partitions()
	upkeep := rows.NewUpkeep(rows.UpkeepConfig{
		DB: f.db, Appended: time.Nanosecond, AppendedBatch: 1,
		Tenants: func(context.Context) ([]int32, error) { return []int32{f.scope.Tenant}, nil },
	})
	for range 2 {
		if err := upkeep.RunOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := partitions(); n != before-2 {
		t.Errorf("%d partitions became %d, want the two old ones gone", before, n)
	}
	e.want(ports, nil)
	e.wantAt(ports, then, rowstest.Text([]string{"event", "1"}, []string{"event", "2"}))
	kept.want(ports, rowstest.Text([]string{"state", "1"}))
	if n := f.count(f.scope, `SELECT rows FROM agent_collections WHERE agent_id = $1`, e.id); n != 0 {
		t.Errorf("the collection counts %d rows", n)
	}
}

// What a revoked agent had, and what left the configuration, is history. What comes back begins with its whole state.
func TestWhatIsCollectedNoMoreIsClosed(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	gone, stays := f.enroll(f.scope), f.enroll(f.scope)
	state := rowstest.Text([]string{"state", "1"}, []string{"state", "2"})
	for _, e := range []*endpoint{gone, stays} {
		e.put(e.Differential(ports, columns, state), rows.Result{})
		e.put(e.Differential(users, columns, state), rows.Result{})
	}
	f.inScope(f.scope, func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE agents SET state = 'revoked' WHERE id = $1`, gone.id)
		if err != nil {
			return err
		}
		return rows.CloseAgent(ctx, tx, gone.id)
	})
	gone.want(ports, nil)
	gone.want(users, nil)
	stays.want(ports, state)
	gone.put(gone.Snapshot(ports, columns, state), rows.Result{}) // was on its way
	configured := map[string][]string{"linux": {ports}, "darwin": {}}
	upkeep := rows.NewUpkeep(rows.UpkeepConfig{DB: f.db,
		Tenants:    func(context.Context) ([]int32, error) { return []int32{f.scope.Tenant}, nil },
		Configured: func(context.Context, int32) (map[string][]string, error) { return configured, nil },
	})
	if err := upkeep.RunOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	gone.want(ports, nil)
	stays.want(ports, state)
	stays.want(users, nil)
	if n := f.count(f.scope, `SELECT count(*) FROM agent_rows_past`); n != 3*2+2 {
		t.Errorf("%d rows are history, want those of two collections of one agent, twice of one, and one of another", n)
	}
	more := append(state, rowstest.Text([]string{"state", "3"})...)
	stays.put(stays.Differential(users, columns, more), rows.Result{Refused: refusedAs(protocol.CodeGap), Resync: true})
	stays.Resync(users)
	stays.put(stays.Differential(users, columns, more), rows.Result{})
	stays.want(users, more)
}

// Connections to the database are killed again and again while agents send counters; every agent sends what was not
// acknowledged again. In the end each state was stored once: no row is missing and none is there twice, now or in history.
func TestKilledConnectionsLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	const agents, rounds, kills = 8, 25, 12
	db, admin := pgtest.NewWithAdmin(t)
	f := &fleet{t: t, db: db}
	f.scope = f.tenant("Acme")
	for range 2 { // two servers on one database
		store := rows.NewStore(rows.Config{DB: db, MaxDelay: time.Millisecond})
		f.start(store)
		f.store = store
	}
	stores := []*rows.Store{f.store, rows.NewStore(rows.Config{DB: db, MaxDelay: time.Millisecond})}
	f.start(stores[1])

	var all sync.WaitGroup
	endpoints := make([]*endpoint, agents)
	acknowledged := make(chan struct{}, agents*rounds)
	for i := range endpoints {
		e := f.enroll(f.scope)
		endpoints[i] = e
		var spool []*rows.Batch
		for n := range rounds {
			spool = append(spool, e.open(e.Differential(ports, columns, counter(n))))
		}
		all.Go(func() {
			for len(spool) > 0 {
				store := stores[rand.N(len(stores))]
				session := &rows.Session{}
				ends := make(chan end, len(spool))
				sent := 0
				for _, b := range spool[:min(len(spool), 5)] {
					if store.Submit(context.Background(), session, b, func(r rows.Result, err error) { ends <- end{r, err} }) != nil {
						break
					}
					sent++
				}
				for range sent {
					if end := <-ends; end.err == nil {
						if end.result.Refused != nil || end.result.Resync {
							t.Errorf("%+v", end.result.Refused)
						}
						spool = spool[1:] // ends come in order
						acknowledged <- struct{}{}
					}
				}
			}
		})
	}
	killed := 0
	for range kills {
		for range agents * rounds / (kills + 1) {
			<-acknowledged
		}
		var n int
		err := admin.QueryRow(t.Context(), `
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'tenantra_app'`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		killed += n
	}
	all.Wait()
	if killed == 0 {
		t.Error("no connection was killed")
	}
	for _, e := range endpoints {
		e.want(ports, counter(rounds-1))
		past := f.count(f.scope, `SELECT count(*) FROM agent_rows_past WHERE agent_id = $1`, e.id)
		double := f.count(f.scope, `SELECT count(*) FROM (SELECT row_id FROM agent_rows_past WHERE agent_id = $1 GROUP BY row_id HAVING count(*) > 1) x`, e.id)
		if past != rounds-1 || double != 0 {
			t.Errorf("history of an agent holds %d rows, %d of them twice; want %d", past, double, rounds-1)
		}
	}
}

// counter is the nth state: one row that stays and one that changes.
func counter(n int) [][]tables.Value {
	return rowstest.Text([]string{"counter", fmt.Sprint(n)}, []string{"stays", "here"})
}

func TestBatchesOfManyTenantsGoTogether(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	store := rows.NewStore(rows.Config{DB: f.db, Writers: 1, MaxDelay: 50 * time.Millisecond})
	var ends []<-chan end
	var endpoints []*endpoint
	for _, scope := range []access.Scope{f.scope, f.tenant("Other"), f.tenant("Third")} {
		e := f.enroll(scope)
		endpoints = append(endpoints, e)
		ends = append(ends, e.submitAll(store, []rowstest.Draft{e.Differential(ports, columns, rowstest.Text([]string{scope.TenantID.String(), ""}))}))
	}
	f.start(store)
	for i, e := range endpoints {
		if end := <-ends[i]; end.err != nil || end.result != (rows.Result{}) {
			t.Fatalf("%+v", end)
		}
		e.want(ports, rowstest.Text([]string{e.scope.TenantID.String(), ""}))
	}
}
