package rows_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
	"github.com/tenantra/tenantra/tables"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// fleet is a store that runs, and one tenant.
type fleet struct {
	t     *testing.T
	db    *postgres.DB
	scope access.Scope
	store *rows.Store

	mu     sync.Mutex
	stored []rows.Stored
}

const (
	ports = "pack:net/ports"
	users = "pack:who/users"
)

func newFleet(t *testing.T, set ...func(*rows.Config)) *fleet {
	t.Helper()
	f := &fleet{t: t, db: pgtest.New(t)}
	f.scope = f.tenant("Acme")
	config := rows.Config{DB: f.db, MaxDelay: 2 * time.Millisecond, OnStored: func(s []rows.Stored) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.stored = append(f.stored, s...)
	}}
	for _, set := range set {
		set(&config)
	}
	f.store = rows.NewStore(config)
	f.start(f.store)
	return f
}

func (f *fleet) start(store *rows.Store) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- store.Run(ctx) }()
	f.t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			f.t.Errorf("the store ended with %v", err)
		}
	})
}

// tenant makes a tenant that knows the test's collections.
func (f *fleet) tenant(name string) access.Scope {
	f.t.Helper()
	scope := pgtest.Tenant(f.t, f.db, name)
	f.inScope(scope, func(ctx context.Context, tx *postgres.Tx) error {
		_, err := rows.EnsureCollections(ctx, tx, []string{ports, users})
		return err
	})
	return scope
}

func (f *fleet) inScope(scope access.Scope, fn func(ctx context.Context, tx *postgres.Tx) error) {
	f.t.Helper()
	if err := f.db.InScope(f.t.Context(), scope, fn); err != nil {
		f.t.Fatal(err)
	}
}

// endpoint is an agent that is enrolled.
type endpoint struct {
	*rowstest.Agent
	fleet   *fleet
	scope   access.Scope
	id      int32
	session rows.Session
}

func (f *fleet) enroll(scope access.Scope) *endpoint {
	f.t.Helper()
	e := &endpoint{Agent: rowstest.NewAgent(scope.TenantID, uuid.Must(uuid.NewV7())), fleet: f, scope: scope}
	f.inScope(scope, func(ctx context.Context, tx *postgres.Tx) error {
		err := tx.QueryRow(ctx, `
INSERT INTO agents (tenant_id, public_id, public_key, state, hostname, platform, arch, os_name, os_version, version, hardware_id,
       enroll_secret_id, enrolled_at, created_by, created_at, last_modified_by, last_modified_at)
VALUES ($1, $2, $3, 'active', 'host', 'linux', 'amd64', 'Debian', '12', '0.1', '', $2, $4, 'test', $4, 'test', $4) RETURNING id`,
			scope.Tenant, e.ID, []byte(e.Public()), tx.Now).Scan(&e.id)
		if err != nil {
			return err
		}
		return rows.AgentEnrolled(ctx, tx, e.id)
	})
	return e
}

func (e *endpoint) open(d rowstest.Draft) *rows.Batch {
	e.fleet.t.Helper()
	sender := rows.Sender{Tenant: e.scope.Tenant, Agent: e.id, TenantID: e.TenantID, AgentID: e.ID, Key: e.Public()}
	b, _, refused := rows.Open(sender, e.Sign(e.fleet.t, d), time.Now())
	if refused != nil {
		e.fleet.t.Fatal(refused)
	}
	return b
}

// put stores a draft and checks its end.
func (e *endpoint) put(d rowstest.Draft, want rows.Result) {
	e.fleet.t.Helper()
	got, err := e.fleet.store.Put(e.fleet.t.Context(), &e.session, e.open(d))
	if err != nil {
		e.fleet.t.Fatal(err)
	}
	code := func(r rows.Result) string {
		if r.Refused == nil {
			return ""
		}
		return r.Refused.Code
	}
	if code(got) != code(want) || got.Repeated != want.Repeated || got.Resync != want.Resync || got.Clone != want.Clone {
		e.fleet.t.Fatalf("batch %d ended as %+v (%s), want %+v (%s)", d.Header.Sequence, got, code(got), want, code(want))
	}
}

func refusedAs(code string) *protocol.Error { return &protocol.Error{Code: code} }

func (e *endpoint) read(collection string, at time.Time) rows.Page {
	e.fleet.t.Helper()
	return e.fleet.read(e.scope, e.scope.Tenant, e.id, collection, at)
}

func (f *fleet) read(scope access.Scope, tenant, agent int32, collection string, at time.Time) rows.Page {
	f.t.Helper()
	var page rows.Page
	f.inScope(scope, func(ctx context.Context, tx *postgres.Tx) error {
		var id int32
		if err := tx.QueryRow(ctx, `SELECT coalesce(min(id), 0) FROM collections WHERE tenant_id = $1 AND name = $2`, tenant, collection).Scan(&id); err != nil {
			return err
		}
		var err error
		page, err = rows.Read(ctx, tx, rows.Query{Tenant: tenant, Agent: agent, Collection: id, At: at})
		return err
	})
	return page
}

// cells gives rows as sorted text, a row of several copies so many times.
func cells(page rows.Page) []string {
	out := []string{}
	for _, row := range page.Rows {
		for range row.Copies {
			out = append(out, fmt.Sprint(row.Values))
		}
	}
	slices.Sort(out)
	return out
}

func (e *endpoint) want(collection string, want [][]tables.Value) {
	e.fleet.t.Helper()
	e.wantAt(collection, time.Time{}, want)
}

func (e *endpoint) wantAt(collection string, at time.Time, want [][]tables.Value) {
	e.fleet.t.Helper()
	text := []string{}
	for _, row := range want {
		text = append(text, fmt.Sprint(row))
	}
	slices.Sort(text)
	if got := cells(e.read(collection, at)); !slices.Equal(got, text) {
		e.fleet.t.Errorf("%s at %v holds\n%v\nwant\n%v", collection, at, got, text)
	}
}

func (f *fleet) count(scope access.Scope, sql string, args ...any) int {
	f.t.Helper()
	var n int
	f.inScope(scope, func(ctx context.Context, tx *postgres.Tx) error { return tx.QueryRow(ctx, sql, args...).Scan(&n) })
	return n
}

var columns = []string{"name", "value"}

func TestStoreKeepsWhatIsAndWhatWas(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	e := f.enroll(f.scope)
	first := rowstest.Text([]string{"a", "1"}, []string{"b", "2"})
	e.put(e.Differential(ports, columns, first), rows.Result{})
	then := e.read(ports, time.Time{}).Rows[0].SeenFrom
	second := rowstest.Text([]string{"b", "2"}, []string{"c", "3"})
	e.put(e.Differential(ports, columns, second), rows.Result{})
	e.want(ports, second)
	e.wantAt(ports, then, first)
	e.wantAt(ports, then.Add(-time.Microsecond), nil)
	if len(f.stored) != 2 || len(f.stored[1].Added) != 1 || len(f.stored[1].Removed) != 1 || f.stored[1].Name != ports {
		t.Errorf("told of %+v", f.stored)
	}
}

// TestStoreSharesRowsAndTellsTenantsApart is S23 too: a batch carries no hash of an added row that could name another's; the
// server makes its own.
func TestStoreSharesRowsAndTellsTenantsApart(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	other := f.tenant("Other")
	same := rowstest.Text([]string{"a", "1"})
	mine, twin, foreign := f.enroll(f.scope), f.enroll(f.scope), f.enroll(other)
	for _, e := range []*endpoint{mine, twin, foreign} {
		e.put(e.Snapshot(ports, columns, same), rows.Result{})
	}
	if n := f.count(f.scope, `SELECT count(*) FROM row_values`); n != 1 {
		t.Errorf("two agents of a tenant store one row %d times", n)
	}
	if mine, foreign := mine.read(ports, time.Time{}).Rows[0].ID, foreign.read(ports, time.Time{}).Rows[0].ID; mine == foreign {
		t.Error("two tenants give one row the same id")
	}
	for _, at := range []time.Time{{}, time.Now()} {
		if page := f.read(other, f.scope.Tenant, mine.id, ports, at); len(page.Rows)+len(page.Columns) != 0 {
			t.Errorf("a second tenant reads %v", page)
		}
	}
	for _, table := range []string{"row_tenants", "collections", "row_shapes", "row_values", "agent_rows", "agent_rows_past", "agent_cursors",
		"agent_collections", "agent_batches", "pending_judgements"} {
		if n := f.count(other, `SELECT count(*) FROM `+table+` WHERE tenant_id <> $1`, other.Tenant); n != 0 {
			t.Errorf("a second tenant sees %d rows of %s", n, table)
		}
	}
}

func TestSnapshotIsComparedWithWhatIsStored(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	e := f.enroll(f.scope)
	e.put(e.Snapshot(ports, columns, rowstest.Text([]string{"a", "1"}, []string{"b", "2"}, []string{"b", "2"})), rows.Result{})
	before := e.read(ports, time.Time{}).Rows
	next := rowstest.Text([]string{"b", "2"}, []string{"c", "3"}, []string{"c", "3"})
	e.put(e.Snapshot(ports, columns, next), rows.Result{})
	e.want(ports, next)
	for _, row := range e.read(ports, time.Time{}).Rows {
		i := slices.IndexFunc(before, func(r rows.StoredRow) bool { return r.ID == row.ID })
		if i >= 0 && !row.SeenFrom.Equal(before[i].SeenFrom) {
			t.Error("a row that stayed is told to be new")
		}
	}
	pending := len(f.stored)
	e.put(e.Snapshot(ports, columns, next), rows.Result{})
	if len(f.stored) != pending {
		t.Error("an unchanged snapshot is told as a change")
	}
	e.put(e.Snapshot(ports, columns, nil), rows.Result{})
	e.want(ports, nil)
}

func TestCopiesOfARowAreCounted(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	e := f.enroll(f.scope)
	a, b := []string{"a", "1"}, []string{"b", "2"}
	for _, result := range [][][]string{{a, a, a, b}, {a, b}, {a, a, b, b}, {a, a}, {a, a, a}, {a}, {}, {a}} {
		e.put(e.Differential(ports, columns, rowstest.Text(result...)), rows.Result{})
		e.want(ports, rowstest.Text(result...))
	}
}

func TestColumnsMayChange(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	e := f.enroll(f.scope)
	old := rowstest.Text([]string{"a", "1"})
	e.put(e.Differential(ports, columns, old), rows.Result{})
	then := e.read(ports, time.Time{}).Rows[0].SeenFrom
	e.put(e.Differential(ports, []string{"name", "value", "extra"}, rowstest.Text([]string{"a", "1", "x"})), rows.Result{})
	page := e.read(ports, time.Time{})
	if !slices.Equal(page.Columns, []string{"name", "value", "extra"}) || len(page.Rows) != 1 {
		t.Errorf("%v with %d rows", page.Columns, len(page.Rows))
	}
	past := e.read(ports, then)
	if !slices.Equal(past.Columns, []string{"name", "value", "extra"}) || len(past.Rows) != 1 || past.Rows[0].Values[2].Kind != tables.ValueNull {
		t.Errorf("the past is %v", past)
	}
	// The same row with its columns in another order is the same row.
	e.put(e.Differential(ports, []string{"extra", "value", "name"}, rowstest.Text([]string{"x", "1", "a"})), rows.Result{})
	page = e.read(ports, time.Time{})
	if len(page.Rows) != 1 || fmt.Sprint(page.Columns, page.Rows[0].Values) != "[extra value name] [x 1 a]" {
		t.Errorf("reordered columns give %v", page)
	}
}

func TestAppendedRowsStay(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	e := f.enroll(f.scope)
	e.put(e.Append(ports, columns, rowstest.Text([]string{"a", "1"})), rows.Result{})
	e.put(e.Append(ports, columns, rowstest.Text([]string{"a", "1"}, []string{"b", "2"})), rows.Result{})
	e.want(ports, rowstest.Text([]string{"a", "1"}, []string{"a", "1"}, []string{"b", "2"}))
}

func TestRepeatedAndReusedSequences(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	e := f.enroll(f.scope)
	first := e.Differential(ports, columns, rowstest.Text([]string{"a", "1"}))
	second := e.Differential(ports, columns, rowstest.Text([]string{"b", "2"}))
	e.put(first, rows.Result{})
	e.put(second, rows.Result{})
	e.put(first, rows.Result{Repeated: true})
	e.put(second, rows.Result{Repeated: true})
	for _, old := range []rowstest.Draft{first, second} {
		other := e.Snapshot(users, columns, rowstest.Text([]string{"x", "y"}))
		e.Sequence--
		other.Header.Sequence = old.Header.Sequence
		e.put(other, rows.Result{Refused: refusedAs(protocol.CodeSequenceReuse), Clone: true})
	}
	e.want(ports, rowstest.Text([]string{"b", "2"}))
	e.want(users, nil)
}

func TestGapAsksForTheWholeState(t *testing.T) {
	t.Parallel()
	gap := rows.Result{Refused: refusedAs(protocol.CodeGap), Resync: true}
	f := newFleet(t)
	e := f.enroll(f.scope)
	e.put(e.Differential(ports, columns, rowstest.Text([]string{"a", "1"})), rows.Result{})
	e.Differential(ports, columns, rowstest.Text([]string{"lost", "1"}))
	e.put(e.Differential(ports, columns, rowstest.Text([]string{"b", "2"})), gap)
	e.want(ports, rowstest.Text([]string{"a", "1"}))
	e.Resync(ports)
	e.put(e.Differential(ports, columns, rowstest.Text([]string{"b", "2"})), rows.Result{})
	e.want(ports, rowstest.Text([]string{"b", "2"}))

	for name, spoil := range map[string]func(*protocol.BatchHeader){
		"another epoch": func(h *protocol.BatchHeader) { h.Epoch++ },
		"another query": func(h *protocol.BatchHeader) { h.QueryVersion = "v2" },
		"a counter back": func(h *protocol.BatchHeader) {
			h.Counter = 7
		},
	} {
		d := e.Differential(ports, columns, rowstest.Text([]string{"b", "2"}, []string{name, ""}))
		spoil(&d.Header)
		e.put(d, gap)
		e.Resync(ports)
		e.put(e.Differential(ports, columns, rowstest.Text([]string{"b", "2"})), rows.Result{})
	}
	unknown := f.enroll(f.scope)
	d := unknown.Differential(ports, columns, rowstest.Text([]string{"b", "2"}))
	d.Header.Counter = 1
	unknown.put(d, gap)
}

func TestDisagreementAsksForTheWholeState(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	for name, spoil := range map[string]func(e *endpoint){
		"a row too many": func(e *endpoint) {
			f.inScope(f.scope, func(ctx context.Context, tx *postgres.Tx) error {
				_, err := tx.Exec(ctx, `UPDATE agent_collections SET rows = rows + 1 WHERE agent_id = $1`, e.id)
				return err
			})
		},
		"a removed row is not there": func(e *endpoint) {
			f.inScope(f.scope, func(ctx context.Context, tx *postgres.Tx) error {
				_, err := tx.Exec(ctx, `DELETE FROM agent_rows WHERE agent_id = $1`, e.id)
				return err
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := f.enroll(f.scope)
			e.put(e.Differential(ports, columns, rowstest.Text([]string{"a", "1"})), rows.Result{})
			spoil(e)
			e.put(e.Differential(ports, columns, rowstest.Text([]string{"b", "2"})), rows.Result{Resync: true})
			e.put(e.Differential(ports, columns, rowstest.Text([]string{"c", "3"})), rows.Result{Refused: refusedAs(protocol.CodeGap), Resync: true})
			e.Resync(ports)
			e.put(e.Differential(ports, columns, rowstest.Text([]string{"c", "3"})), rows.Result{})
			e.want(ports, rowstest.Text([]string{"c", "3"}))
		})
	}
}

func TestFailedExecutionKeepsTheRows(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	e := f.enroll(f.scope)
	was := rowstest.Text([]string{"a", "1"})
	e.put(e.Differential(ports, columns, was), rows.Result{})
	e.put(e.Snapshot(users, columns, was), rows.Result{})
	e.put(e.Failed(ports, protocol.ModeDifferential, "no such table: nul\x00"), rows.Result{})
	e.put(e.Failed(users, protocol.ModeSnapshot, "timeout"), rows.Result{})
	e.want(ports, was)
	e.want(users, was)
	var failed rows.AgentCollection
	f.inScope(f.scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		failed, err = rows.FindCollection(ctx, tx, f.scope.Tenant, e.id, ports)
		return err
	})
	if failed.StatusCode != 1 || failed.Log != "no such table: nul\uFFFD" || failed.Rows != 1 {
		t.Errorf("%+v", failed)
	}
	if last := f.stored[len(f.stored)-2]; last.Name != ports {
		t.Error("the judges do not hear of the failure")
	}
	e.put(e.Differential(ports, columns, rowstest.Text([]string{"b", "2"})), rows.Result{})
	e.want(ports, rowstest.Text([]string{"b", "2"}))
}

func TestUnknownCollectionAndAgentAreRefused(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	e := f.enroll(f.scope)
	e.put(e.Snapshot("pack:made/up", columns, nil), rows.Result{Refused: refusedAs(protocol.CodeInvalid)})
	e.id += 1000
	e.put(e.Snapshot(ports, columns, nil), rows.Result{Refused: refusedAs(protocol.CodeUnknownAgent)})
}

func TestPendingJudgementsSurviveUntilJudged(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	e := f.enroll(f.scope)
	e.put(e.Differential(ports, columns, nil), rows.Result{})
	var listed []rows.Pending
	list := func() {
		f.inScope(f.scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
			listed, err = rows.ListPending(ctx, tx, 10)
			return err
		})
	}
	judge := func() {
		f.inScope(f.scope, func(ctx context.Context, tx *postgres.Tx) error { return rows.Judged(ctx, tx, listed) })
	}
	list()
	if len(listed) != 1 || listed[0].Name != ports || listed[0].Agent != e.id {
		t.Fatalf("a first result without rows waits as %+v", listed)
	}
	e.put(e.Differential(ports, columns, rowstest.Text([]string{"a", "1"})), rows.Result{})
	judge() // of the state before
	list()
	if len(listed) != 1 {
		t.Fatal("a change during judgement is lost")
	}
	judge()
	e.put(e.Differential(ports, columns, rowstest.Text([]string{"a", "1"})), rows.Result{})
	if list(); len(listed) != 0 {
		t.Errorf("nothing changed, but %+v waits", listed)
	}
	f.inScope(f.scope, func(ctx context.Context, tx *postgres.Tx) error { return rows.Rejudge(ctx, tx, []string{ports, users}) })
	if list(); len(listed) != 1 {
		t.Errorf("a changed rule has %+v judged", listed)
	}
}

func TestEvidenceProvesARow(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	e := f.enroll(f.scope)
	e.put(e.Differential(ports, columns, rowstest.Text([]string{"a", "1"}, []string{"b", "2"}, []string{"c", "3"})), rows.Result{})
	e.put(e.Differential(ports, columns, rowstest.Text([]string{"b", "2"}, []string{"d", "4"})), rows.Result{})
	page := e.read(ports, time.Time{})
	for _, row := range page.Rows {
		var proof rows.Evidence
		f.inScope(f.scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
			proof, err = rows.Prove(ctx, tx, f.scope.Tenant, e.id, rowCollection(t, f, ports), page.Columns, row)
			return err
		})
		if err := proof.Verify(e.Public(), page.Columns, row.Values); err != nil {
			t.Errorf("row %v: %v", row.Values, err)
		}
		other := slices.Clone(row.Values)
		other[1] = tables.TextValue("9")
		if proof.Verify(e.Public(), page.Columns, other) == nil {
			t.Error("another row is proved")
		}
	}
}

func rowCollection(t *testing.T, f *fleet, name string) int32 {
	t.Helper()
	return int32(f.count(f.scope, `SELECT id FROM collections WHERE name = $1`, name))
}

func TestPagesFollowEachOther(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	e := f.enroll(f.scope)
	var want []string
	var all [][]tables.Value
	for i := range 25 {
		all = append(all, []tables.Value{tables.IntValue(int64(i)), tables.FloatValue(float64(i))})
		want = append(want, fmt.Sprint(all[i]))
	}
	slices.Sort(want)
	e.put(e.Snapshot(ports, columns, all), rows.Result{})
	for _, at := range []time.Time{{}, time.Now().Add(time.Minute)} {
		q := rows.Query{Tenant: f.scope.Tenant, Agent: e.id, Collection: rowCollection(t, f, ports), At: at, Limit: 10}
		var got []string
		for pages := 0; pages == 0 || q.After != nil; pages++ {
			f.inScope(f.scope, func(ctx context.Context, tx *postgres.Tx) error {
				page, err := rows.Read(ctx, tx, q)
				if err != nil {
					return err
				}
				if len(page.Rows) > 10 {
					t.Errorf("a page of %d rows", len(page.Rows))
				}
				got = append(got, cells(page)...)
				q.After = page.Next
				return nil
			})
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("pages give %v, want %v", got, want)
		}
	}
}
