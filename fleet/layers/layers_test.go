package layers

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/agents"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/groups"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
	"github.com/tenantra/tenantra/fleet/scans"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// base gives every agent one query, and one for each pack that runs otherwise.
type base struct{ announced []int32 }

const baseVersion = 100

func (b *base) Config(context.Context, agents.Identity) (protocol.Config, int64, error) {
	return protocol.Config{HeartbeatSeconds: 30, DisabledTables: []string{"curl"}, Queries: []protocol.ConfigQuery{{Collection: "pack:base/q", IntervalSeconds: 600}}}, baseVersion, nil
}

func (b *base) ConfigWith(ctx context.Context, agent agents.Identity, otherwise scans.Otherwise) (protocol.Config, [sha256.Size]byte, error) {
	packs := otherwise.Runs
	config, _, err := b.Config(ctx, agent)
	for _, name := range slices.Sorted(maps.Keys(packs)) {
		if packs[name] {
			config.Queries = append(config.Queries, protocol.ConfigQuery{Collection: "pack:" + name + "/q", IntervalSeconds: 600})
		}
	}
	for name, e := range otherwise.Editions {
		config.Queries = append(config.Queries, protocol.ConfigQuery{Collection: fmt.Sprintf("pack:%s/v%d", name, e.Number), IntervalSeconds: 600})
	}
	return config, sha256.Sum256(fmt.Append(nil, config)), err
}

// HasVersion has every pack have three texts.
func (b *base) HasVersion(_ context.Context, _ access.Scope, _ string, number int) error {
	if number > 3 {
		return fault.New(fault.NotFound, "no such version")
	}
	return nil
}

func (b *base) Changed(uuid.UUID)                        {}
func (b *base) Announce(_ context.Context, tenant int32) { b.announced = append(b.announced, tenant) }
func (b *base) CheckChoice(access.Scope, string) error   { return nil }
func (b *base) Choose(context.Context, access.Scope, string) ([]uuid.UUID, error) {
	return nil, errors.New("no group of this test has a statement")
}

type fixture struct {
	*Service
	t         *testing.T
	db        *postgres.DB
	base      *base
	msp, acme access.Scope
	stranger  access.Scope
	web       *rowstest.Endpoint // of acme
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, db: pgtest.New(t), base: &base{}}
	f.msp = pgtest.Tenant(t, f.db, "msp")
	f.acme = pgtest.Tenant(t, f.db, "acme", f.msp.Tenant)
	f.stranger = pgtest.Tenant(t, f.db, "globex", f.msp.Tenant)
	f.web = rowstest.Enroll(t, f.db, f.acme, "web", "linux")
	f.Service = New(Config{DB: f.db, Base: f.base})
	return f
}

func identity(e *rowstest.Endpoint) agents.Identity {
	return agents.Identity{ID: e.ID, TenantID: e.Scope.TenantID, Tenant: e.Scope.Tenant, Key: e.Key, Platform: "linux"}
}

func (f *fixture) config(e *rowstest.Endpoint) (protocol.Config, int64) {
	f.t.Helper()
	config, version, err := f.Config(f.t.Context(), identity(e))
	if err != nil {
		f.t.Fatal(err)
	}
	return config, version
}

func (f *fixture) put(scope access.Scope, kind Kind, target uuid.UUID, d Draft) Layer {
	f.t.Helper()
	l, err := f.Put(f.t.Context(), scope, kind, target, d)
	if err != nil {
		f.t.Fatal(err)
	}
	return l
}

// group makes a fixed group of a tenant's agents.
func (f *fixture) group(scope access.Scope, members ...uuid.UUID) uuid.UUID {
	f.t.Helper()
	service := groups.New(groups.Config{DB: f.db, Chooser: f.base, Changed: f.GroupChanged})
	g, err := service.Put(f.t.Context(), scope, uuid.Nil, groups.Draft{Name: "some", Kind: groups.Fixed})
	if err != nil {
		f.t.Fatal(err)
	}
	if err := service.SetMembers(f.t.Context(), scope, g.ID, members); err != nil {
		f.t.Fatal(err)
	}
	return g.ID
}

func TestWithoutLayersTheTenantsConfigurationHolds(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	if config, version := f.config(f.web); version != baseVersion || config.HeartbeatSeconds != 30 {
		t.Errorf("version %d: %+v", version, config)
	}
}

func TestTheNearestLayerCounts(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	mail := rowstest.Enroll(t, f.db, f.acme, "mail", "linux")
	group := f.group(f.msp, f.web.ID)
	f.put(f.msp, OfTenant, f.msp.TenantID, Draft{Content: Content{HeartbeatSeconds: 60, Packs: map[string]bool{"a": true, "b": true}, OffTables: []string{"yara"}}})
	f.put(f.acme, OfTenant, f.acme.TenantID, Draft{Content: Content{SpoolMaxBytes: 32 << 20, Intervals: map[string]int{"pack:base/q": 60}}})
	f.put(f.msp, OfGroup, group, Draft{Content: Content{HeartbeatSeconds: 90, Packs: map[string]bool{"c": true}}})
	f.put(f.acme, OfAgent, f.web.ID, Draft{Content: Content{HeartbeatSeconds: 10, Packs: map[string]bool{"b": false}}})

	config, version := f.config(f.web)
	var collections []string
	for _, q := range config.Queries {
		collections = append(collections, fmt.Sprintf("%s %d", q.Collection, q.IntervalSeconds))
	}
	slices.Sort(collections)
	if diff := cmp.Diff([]string{"pack:a/q 600", "pack:base/q 60", "pack:c/q 600"}, collections); diff != "" {
		t.Error(diff)
	}
	if config.HeartbeatSeconds != 10 || config.SpoolMaxBytes != 32<<20 || !slices.Equal(config.DisabledTables, []string{"curl", "yara"}) {
		t.Errorf("%+v", config)
	}
	if version <= baseVersion {
		t.Errorf("version %d is not above the tenant's", version)
	}
	if other, _ := f.config(mail); other.HeartbeatSeconds != 60 || len(other.Queries) != 3 {
		t.Errorf("an agent that only the tenants' layers are for: %+v", other)
	}

	e, err := f.Effective(t.Context(), f.acme, f.web.ID)
	if err != nil {
		t.Fatal(err)
	}
	from := map[string]string{}
	for _, p := range e.Parts {
		from[p.Name] = p.Value + " by " + string(p.From.Kind) + " " + p.From.Name
	}
	want := map[string]string{"heartbeat_seconds": "10 by agent web", "spool_max_bytes": "33554432 by tenant acme", "pack:a": "true by tenant msp", "pack:b": "false by agent web",
		"pack:c": "true by group some", "interval:pack:base/q": "60 by tenant acme", "off:yara": "true by tenant msp"}
	if diff := cmp.Diff(want, from); diff != "" {
		t.Error(diff)
	}
	if e.Version != version || len(e.Layers) != 4 || e.Arrived() {
		t.Errorf("version %d, %d layers, arrived %v", e.Version, len(e.Layers), e.Arrived())
	}
	if also, err := f.Also(t.Context(), f.acme.Tenant); err != nil || len(also) != 1 || !also[0].Runs["a"] || !also[0].Runs["c"] || !also[0].Runs["b"] {
		t.Errorf("packs that run somewhere: %v, %v", also, err)
	}
}

func TestAVersionGrowsWithEachChangeAlsoBack(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.put(f.acme, OfAgent, f.web.ID, Draft{Content: Content{HeartbeatSeconds: 10}})
	_, first := f.config(f.web)
	if _, again := f.config(f.web); again != first {
		t.Errorf("%d became %d for the same content", first, again)
	}
	if err := f.Delete(t.Context(), f.acme, OfAgent, f.web.ID); err != nil {
		t.Fatal(err)
	}
	config, second := f.config(f.web)
	if second <= first || config.HeartbeatSeconds != 30 {
		t.Errorf("after it was taken back: version %d after %d, %+v", second, first, config)
	}
	other := New(Config{DB: f.db, Base: f.base}) // another server
	if _, version, err := other.Config(t.Context(), identity(f.web)); err != nil || version != second {
		t.Errorf("another server gives version %d, %v", version, err)
	}
	if len(f.base.announced) != 2 {
		t.Errorf("announced %v", f.base.announced)
	}
}

// took has agents say that they have their configuration in force, having used so much CPU since they started.
func (f *fixture) took(cpu int64, endpoints ...*rowstest.Endpoint) {
	f.t.Helper()
	for _, e := range endpoints {
		_, version := f.config(e)
		err := f.db.InScope(f.t.Context(), access.System(e.Scope.Tenant, "test"), func(ctx context.Context, tx *postgres.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE agent_presence SET config_version = $3, cpu_ms = $4 WHERE tenant_id = $1 AND agent_id = $2`, e.Scope.Tenant, e.Key, version, cpu)
			return err
		})
		if err != nil {
			f.t.Fatal(err)
		}
	}
}

func TestACanaryIsStoppedWhenItsQueriesFail(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	store := rowstest.Store(t, f.db)
	var all []*rowstest.Endpoint
	for i := range 20 {
		all = append(all, rowstest.Enroll(t, f.db, f.acme, fmt.Sprintf("host%d", i), "linux"))
	}
	f.put(f.msp, OfTenant, f.msp.TenantID, Draft{Content: Content{HeartbeatSeconds: 60}})
	l := f.put(f.msp, OfTenant, f.msp.TenantID, Draft{Content: Content{HeartbeatSeconds: 10}, Canary: 50})
	if l.State != Rolling || l.Version != 2 {
		t.Fatalf("%+v", l)
	}
	tries := func() (trying []*rowstest.Endpoint) {
		for _, e := range all {
			if config, _ := f.config(e); config.HeartbeatSeconds == 10 {
				trying = append(trying, e)
			} else if config.HeartbeatSeconds != 60 {
				t.Errorf("%s has neither: %+v", e.Hostname, config)
			}
		}
		return trying
	}
	canary := tries()
	if len(canary) == 0 || len(canary) == len(all) {
		t.Fatalf("%d of %d try it", len(canary), len(all))
	}
	f.took(1000, all...)
	if err := f.WatchOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(tries()) != len(canary) {
		t.Error("it was stopped though nothing is wrong")
	}
	_, before := f.config(canary[0])
	for _, e := range canary {
		e.Fail(t, store, "pack:base/q", "no such table")
	}
	if err := f.WatchOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := tries(); len(left) != 0 {
		t.Errorf("%d agents still try it", len(left))
	}
	if _, after := f.config(canary[0]); after <= before {
		t.Errorf("version %d became %d: the agent would refuse what is taken back", before, after)
	}
	l, err := f.Find(t.Context(), f.msp, OfTenant, f.msp.TenantID)
	if err != nil || l.State != Stopped || !strings.Contains(l.Reason, "queries fail on") {
		t.Errorf("%+v, %v", l, err)
	}
	// Put again, it is tried over what was before it.
	if l = f.put(f.msp, OfTenant, f.msp.TenantID, Draft{Content: Content{HeartbeatSeconds: 20}, Canary: 10}); l.Before.HeartbeatSeconds != 60 || l.State != Rolling || l.Reason != "" {
		t.Errorf("%+v", l)
	}
}

func TestJudgeOfACanary(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	l := Layer{Canary: 100, Budget: Budget{FailingPercent: 10, CPUMillis: 36_000}}
	many := func(n int, t trial) []trial {
		out := make([]trial, n)
		for i := range out {
			out[i] = t
			out[i].id = uuid.New()
		}
		return out
	}
	hour := now.Add(-time.Hour)
	for name, test := range map[string]struct {
		trials []trial
		want   string
	}{
		"nobody":                        {nil, ""},
		"all well":                      {many(10, trial{since: hour, cpu: 36_000}), ""},
		"one of ten fails":              {append(many(9, trial{since: hour}), many(1, trial{since: hour, failing: true})...), ""},
		"two of ten fail":               {append(many(8, trial{since: hour}), many(2, trial{since: hour, failing: true})...), "queries fail on 2 of the 10"},
		"too much on average":           {append(many(1, trial{since: hour, cpu: 80_000}), many(1, trial{since: hour, cpu: 10_000})...), "use 45000 ms"},
		"a start costs, and is no hour": {many(1, trial{since: now.Add(-time.Minute), cpu: 30_000}), ""},
		"a process that started anew":   {many(1, trial{since: hour, cpu: -5}), ""},
	} {
		if got := l.judge(test.trials, now); got != test.want && (test.want == "" || !strings.Contains(got, test.want)) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	l.Canary = 1
	outside := slices.DeleteFunc(many(50, trial{since: hour, failing: true}), func(t trial) bool { return l.inCanary(t.id) })
	if got := l.judge(outside, now); got != "" {
		t.Errorf("agents that do not try it count: %s", got)
	}
}

func TestAnotherTenantSaysNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	group := f.group(f.acme, f.web.ID)
	d := Draft{Content: Content{HeartbeatSeconds: 10}}
	for name, err := range map[string]error{
		"an agent":               second(f.Put(t.Context(), f.stranger, OfAgent, f.web.ID, d)),
		"a group":                second(f.Put(t.Context(), f.stranger, OfGroup, group, d)),
		"a tenant":               second(f.Put(t.Context(), f.stranger, OfTenant, f.acme.TenantID, d)),
		"the tenant above's":     second(f.Put(t.Context(), f.acme, OfTenant, f.msp.TenantID, d)),
		"delete of an agent's":   f.Delete(t.Context(), f.stranger, OfAgent, f.web.ID),
		"reading of a group's":   second(f.Find(t.Context(), f.stranger, OfGroup, group)),
		"what an agent is to do": second(f.Effective(t.Context(), f.stranger, f.web.ID)),
	} {
		if fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	if config, version := f.config(f.web); version != baseVersion || config.HeartbeatSeconds != 30 {
		t.Errorf("it had an effect: %d %+v", version, config)
	}
}

func second[T any](_ T, err error) error { return err }

func TestContentsAreChecked(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for field, d := range map[string]Draft{
		"body.content.heartbeat_seconds": {Content: Content{HeartbeatSeconds: 1}},
		"body.content.spool_max_bytes":   {Content: Content{SpoolMaxBytes: 1}},
		"body.content.packs":             {Content: Content{Packs: map[string]bool{"": true}}},
		"body.content.intervals":         {Content: Content{Intervals: map[string]int{"pack:a/b": 1}}},
		"body.content.off_tables":        {Content: Content{OffTables: []string{"\x00"}}},
		"body.canary_percent":            {Canary: 50},
	} {
		_, err := f.Put(t.Context(), f.acme, OfAgent, f.web.ID, d)
		var told *fault.Error
		if !errors.As(err, &told) || told.Code != fault.Invalid || told.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestWhatIsNearerIsLaidOver(t *testing.T) {
	t.Parallel()
	far := Content{HeartbeatSeconds: 60, Packs: map[string]bool{"a": true, "b": true}, OffTables: []string{"x"}}
	near := Content{SpoolMaxBytes: 1, Packs: map[string]bool{"b": false}, Intervals: map[string]int{"c": 1}, OffTables: []string{"w", "x"}}
	want := Content{HeartbeatSeconds: 60, SpoolMaxBytes: 1, Packs: map[string]bool{"a": true, "b": false}, Intervals: map[string]int{"c": 1}, OffTables: []string{"w", "x"}}
	if diff := cmp.Diff(want, near.over(far)); diff != "" {
		t.Error(diff)
	}
	if text, err := json.Marshal(far); err != nil || strings.Contains(string(text), "false") {
		t.Errorf("what lies below was changed: %s, %v", text, err)
	}
}
