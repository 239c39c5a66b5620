package scanruns

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// edge stands for agents, their schedules and their connections.
type edge struct {
	targets   []Target
	scheduled []string
	sent      chan protocol.Scan
}

func (e *edge) Targets(context.Context, *postgres.Tx, Selection) ([]Target, error) {
	return e.targets, nil
}
func (e *edge) Collections(context.Context, Target) ([]string, error) { return e.scheduled, nil }
func (e *edge) SignCommand(_ context.Context, _ uuid.UUID, _ string, kind protocol.CommandKind, _ int64, body any, _ time.Duration) (protocol.Command, error) {
	text, err := json.Marshal(body)
	return protocol.Command{Header: protocol.Signed{Payload: []byte(kind)}, Body: text}, err
}
func (e *edge) Send(_ context.Context, _ uuid.UUID, c protocol.Command) error {
	var scan protocol.Scan
	err := json.Unmarshal(c.Body, &scan)
	e.sent <- scan
	return err
}

type fixture struct {
	*Service
	edge  *edge
	scope access.Scope
}

// newFixture has two connected agents and one that is away.
func newFixture(t *testing.T) fixture {
	t.Helper()
	db := pgtest.New(t)
	f := fixture{scope: pgtest.Tenant(t, db, "acme"), edge: &edge{scheduled: []string{"check:ssh", "module:users", "pack:inventory/os"}, sent: make(chan protocol.Scan, 20)}}
	for i := range 3 {
		f.edge.targets = append(f.edge.targets, Target{ID: int32(i + 1), Tenant: f.scope.Tenant, PublicID: uuid.New(), TenantID: f.scope.TenantID,
			Hostname: string(rune('a' + i)), Platform: "linux", Online: i < 2})
	}
	f.Service = New(Config{DB: db, Fleet: f.edge})
	return f
}

func (f fixture) tell(t *testing.T, scope access.Scope, scan Scan, agent int32, collection string, code int) {
	t.Helper()
	h := protocol.BatchHeader{ScanContextID: ContextID(scan.ID), Collection: collection, Execution: protocol.Execution{StatusCode: code, Rows: 3, Log: map[bool]string{true: "no such table"}[code != 0]}}
	if err := f.Told(t.Context(), From{Agent: agent, Tenant: scope.Tenant}, h); err != nil {
		t.Fatal(err)
	}
}

func (f fixture) find(t *testing.T, id uuid.UUID) (scan Scan) {
	t.Helper()
	if err := f.DB.InScope(t.Context(), f.scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		scan, err = findScan(ctx, tx, id)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return scan
}

func TestAScanIsFollowedToItsEnd(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	scan, err := f.Trigger(t.Context(), f.scope, Selection{}, What{Packs: []string{"inventory"}, Modules: []string{"users"}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Counts{Targets: 3, Running: 2, Offline: 1, Expected: 6}, scan.Counts); diff != "" {
		t.Error(diff)
	}
	for range 2 {
		if s := <-f.edge.sent; s.ScanContextID != ContextID(scan.ID) || len(s.Collections) != 2 {
			t.Errorf("an agent is sent %+v", s)
		}
	}
	f.tell(t, f.scope, scan, 1, "module:users", 0)
	f.tell(t, f.scope, scan, 1, "module:users", 0) // sent again after a lost connection
	f.tell(t, f.scope, scan, 1, "check:ssh", 0)    // not asked for
	if got := f.find(t, scan.ID).Counts; got.Running != 2 || got.Told != 1 {
		t.Errorf("half way: %+v", got)
	}
	f.tell(t, f.scope, scan, 1, "pack:inventory/os", 0)
	f.tell(t, f.scope, scan, 2, "module:users", 1)
	f.tell(t, f.scope, scan, 2, "pack:inventory/os", 2)
	if err := f.sweepOnce(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	got := f.find(t, scan.ID)
	if diff := cmp.Diff(Counts{Targets: 3, Done: 1, Failed: 1, Offline: 1, Expected: 6, Told: 4, ToldError: 2}, got.Counts); diff != "" || got.State != Done {
		t.Errorf("at the end %s: %s", got.State, diff)
	}
	var failed []Result
	if err := f.DB.InScope(t.Context(), f.scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		failed, err = listResults(ctx, tx, scan.ID, true, linePlace{}, 10)
		return err
	}); err != nil || len(failed) != 2 || failed[0].Severity != "error" || failed[0].Log != "no such table" || failed[1].Severity != "warn" {
		t.Errorf("what failed: %+v, %v", failed, err)
	}
}

func TestAgentsThatDoNotTellAreAskedAgainAndGivenUp(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.edge.targets = f.edge.targets[:1]
	scan, err := f.Trigger(t.Context(), f.scope, Selection{}, What{})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for range attemptsMax {
		<-f.edge.sent
		now = now.Add(answerTime + time.Second)
		if err := f.sweepOnce(t.Context(), now); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.sweepOnce(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	if got := f.find(t, scan.ID); got.State != Done || got.Counts.TimedOut != 1 {
		t.Errorf("at the end: %+v", got)
	}
	f.tell(t, f.scope, scan, 1, "module:users", 0) // too late
	if got := f.find(t, scan.ID).Counts; got.Told != 0 {
		t.Errorf("a late result counts: %+v", got)
	}
}

func TestAnotherTenantHasNoPartInAScan(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	scan, err := f.Trigger(t.Context(), f.scope, Selection{}, What{})
	if err != nil {
		t.Fatal(err)
	}
	stranger := pgtest.Tenant(t, f.DB, "globex")
	f.tell(t, stranger, scan, 1, "module:users", 0)
	if got := f.find(t, scan.ID).Counts; got.Told != 0 {
		t.Errorf("a stranger's agent tells into it: %+v", got)
	}
	if _, err := f.Cancel(t.Context(), stranger, scan.ID); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a stranger cancels it: %v", err)
	}
	if got, err := f.Cancel(t.Context(), f.scope, scan.ID); err != nil || got.State != Cancelled || got.Counts.Running != 0 {
		t.Errorf("cancelled: %+v, %v", got, err)
	}
}

func TestWhatIsScanned(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	if _, err := f.Trigger(t.Context(), f.scope, Selection{}, What{Packs: []string{"nowhere"}}); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("nothing of it is scheduled: %v", err)
	}
	f.edge.targets = nil
	if _, err := f.Trigger(t.Context(), f.scope, Selection{}, What{}); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("nobody: %v", err)
	}
	for collection, want := range map[string]bool{"pack:a/q": true, "pack:b/q": false, "module:users": true, "check:ssh": false, "check:ssh/applies": false, "check:x": true} {
		if got := (What{Packs: []string{"a"}, Modules: []string{"users"}, Collections: []string{"check:x"}}).names(collection); got != want {
			t.Errorf("%s: %v", collection, got)
		}
	}
	for id, want := range map[string]bool{"": false, uuid.NewString(): false, "scan:x": false, "scan:" + uuid.NewString(): true} {
		if _, got := OfContext(id); got != want {
			t.Errorf("%q: %v", id, got)
		}
	}
}

// The ledger of agents of tenants below lies with them: making, asking again, ending and cancelling write there.
func TestAScanReachesTenantsBelow(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	site := pgtest.Tenant(t, f.DB, "acme-berlin", f.scope.Tenant)
	f.scope.Visible = append(f.scope.Visible, site.Tenant)
	f.edge.targets[0].Tenant, f.edge.targets[0].TenantID = site.Tenant, site.TenantID
	f.edge.targets = f.edge.targets[:1]
	for _, end := range []struct {
		state State
		by    func(Scan, time.Time) error
	}{
		{Done, func(_ Scan, at time.Time) error { return f.sweepOnce(t.Context(), at.Add(scanTime)) }},
		{Cancelled, func(scan Scan, _ time.Time) error { _, err := f.Cancel(t.Context(), f.scope, scan.ID); return err }},
	} {
		scan, err := f.Trigger(t.Context(), f.scope, Selection{}, What{Modules: []string{"users"}})
		if err != nil {
			t.Fatal(err)
		}
		<-f.edge.sent
		now := time.Now().Add(answerTime + time.Second)
		if err := f.sweepOnce(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		if again := <-f.edge.sent; again.ScanContextID != ContextID(scan.ID) {
			t.Errorf("asked again for %s, want %s", again.ScanContextID, ContextID(scan.ID))
		}
		if err := end.by(scan, now); err != nil {
			t.Fatal(err)
		}
		if got := f.find(t, scan.ID); got.State != end.state || got.Counts.Running != 0 {
			t.Errorf("at the end, want %s: %+v", end.state, got)
		}
	}
}
