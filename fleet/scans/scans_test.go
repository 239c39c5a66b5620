package scans_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/agents"
	"github.com/tenantra/tenantra/fleet/bus"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/scans"
	"github.com/tenantra/tenantra/frameworks"
	"github.com/tenantra/tenantra/packs"
	"github.com/tenantra/tenantra/queries"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// compiler knows no tables: a statement reads what it names in brackets.
type compiler struct{}

func (compiler) Check(sql string) (*engine.Analysis, error) {
	if strings.Contains(sql, "[broken]") {
		return nil, fmt.Errorf("no such table: broken")
	}
	a := &engine.Analysis{Columns: []string{"a"}}
	for class := tables.ClassInventory; class <= tables.ClassSecret; class++ {
		if strings.Contains(sql, "["+class.String()+"]") {
			read := tables.DefineValues(tables.Spec{Name: "t"}, []tables.Column{{Name: "a", Class: class}}, nil)
			a.Reads = append(a.Reads, engine.TableRef{Table: read, Columns: []string{"a"}})
		}
	}
	return a, nil
}

func compilers() queries.Compilers {
	return queries.Compilers{tables.Linux: compiler{}, tables.Darwin: compiler{}, tables.Windows: compiler{}}
}

func text(name string, queries ...string) string {
	out := "pack: " + name + "\ntitle: " + name + "\ndescription: For tests.\nqueries:\n"
	for i, sql := range queries {
		out += fmt.Sprintf("  q%d:\n    description: One.\n    sql: %q\n    interval: 10m\n", i, sql)
	}
	return out
}

func parse(t *testing.T, yaml string) *packs.Pack {
	t.Helper()
	pack, err := packs.Parse("p.yaml", []byte(yaml), compilers())
	if err != nil {
		t.Fatal(err)
	}
	return pack
}

type fleet struct {
	t                *testing.T
	db               *postgres.DB
	bus              *bus.Bus
	service          *scans.Service
	msp, acme, other access.Scope
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	f := &fleet{t: t, db: pgtest.New(t)}
	f.msp = pgtest.Tenant(t, f.db, "MSP")
	f.acme = pgtest.Tenant(t, f.db, "Acme", f.msp.Tenant)
	f.other = pgtest.Tenant(t, f.db, "Other")
	var err error
	if f.bus, err = bus.Open(bus.Config{Installation: f.db.Installation()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.bus.Close)
	check := &frameworks.Check{ID: "one", Platforms: tables.Linux, SQL: "SELECT 1", Applies: "SELECT 2"}
	f.service = scans.New(scans.Settings{DB: f.db, Bus: f.bus, Library: scans.Library{
		Packs: []*packs.Pack{parse(t, text("base", "SELECT 1"))}, Checks: []*frameworks.Check{check}, Compilers: compilers(),
	}})
	return f
}

// config gives an agent's collections and the version.
func (f *fleet) config(scope access.Scope, platform string) ([]string, int64) {
	f.t.Helper()
	config, version, err := f.service.Config(f.t.Context(), agents.Identity{ID: uuid.New(), TenantID: scope.TenantID, Tenant: scope.Tenant, Key: 1, Platform: platform})
	if err != nil {
		f.t.Fatal(err)
	}
	if config.HeartbeatSeconds != 30 || config.AllowedClass != "personal" {
		f.t.Errorf("%+v", config)
	}
	var names []string
	for _, q := range config.Queries {
		names = append(names, q.Collection)
		if q.IntervalSeconds < 1 || q.Mode == "" || q.Later != strings.HasPrefix(q.Collection, "check:") {
			f.t.Errorf("%+v", q)
		}
	}
	return names, version
}

func (f *fleet) want(scope access.Scope, platform string, want ...string) int64 {
	f.t.Helper()
	got, version := f.config(scope, platform)
	if !slices.Equal(got, want) {
		f.t.Errorf("%s collects %v, want %v", platform, got, want)
	}
	return version
}

func (f *fleet) put(scope access.Scope, name string, queries ...string) {
	f.t.Helper()
	if _, err := f.service.PutPack(f.t.Context(), scope, name, text(name, queries...)); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fleet) schedule(scope access.Scope, pack string, enabled bool) {
	f.t.Helper()
	if _, err := f.service.PutSchedule(f.t.Context(), scope, pack, enabled); err != nil {
		f.t.Fatal(err)
	}
}

var linux = []string{"check:one", "check:one/applies", "pack:base/q0"}

func TestVersionGrowsWithTheContentOnly(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	first := f.want(f.acme, "linux", linux...)
	f.want(f.acme, "darwin", "pack:base/q0")
	f.service.Changed(f.acme.TenantID)
	if again := f.want(f.acme, "linux", linux...); again != first {
		t.Errorf("version %d became %d for the same content", first, again)
	}
	f.put(f.acme, "base", "SELECT 2")
	second := f.want(f.acme, "linux", linux...)
	if second <= first {
		t.Errorf("version %d became %d for other content", first, second)
	}
	if err := f.service.DeletePack(t.Context(), f.acme, "base"); err != nil {
		t.Fatal(err)
	}
	if third := f.want(f.acme, "linux", linux...); third <= second {
		t.Errorf("version %d became %d when the content came back", second, third)
	}
}

func TestPacksAndSchedulesAreInherited(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	f.put(f.msp, "extra", "SELECT 1")
	f.want(f.acme, "darwin", "pack:base/q0") // nobody switched it on
	f.schedule(f.msp, "extra", true)
	f.want(f.acme, "darwin", "pack:base/q0", "pack:extra/q0")
	f.want(f.other, "darwin", "pack:base/q0")
	f.schedule(f.acme, "extra", false) // the nearest counts
	f.want(f.acme, "darwin", "pack:base/q0")
	f.want(f.msp, "darwin", "pack:base/q0", "pack:extra/q0")
	f.schedule(f.msp, "base", false)
	f.want(f.msp, "darwin", "pack:extra/q0")
	f.put(f.acme, "extra", "SELECT 1", "SELECT 2")
	f.schedule(f.acme, "extra", true)
	f.want(f.acme, "darwin", "pack:extra/q0", "pack:extra/q1")

	schedules, err := f.service.Schedules(t.Context(), f.acme)
	if err != nil || len(schedules) != 2 || schedules[0].Said != f.msp.TenantID || schedules[1].Said != f.acme.TenantID {
		t.Errorf("%+v: %v", schedules, err)
	}
}

func TestAnotherTenantSeesNoPack(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	f.put(f.acme, "secret-sauce", "SELECT 1")
	for name, scope := range map[string]access.Scope{"a stranger": f.other, "the tenant above": f.msp} {
		if _, err := f.service.Pack(t.Context(), scope, "secret-sauce"); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%s: %v", name, err)
		}
		if err := f.service.DeletePack(t.Context(), scope, "secret-sauce"); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := f.service.PutSchedule(t.Context(), scope, "secret-sauce", true); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := f.service.DeletePack(t.Context(), f.other, "base"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("the product's pack: %v", err)
	}
}

// S11: a pack collects what the person who stores it may read, and never secrets.
func TestPackIsBoundByItsMaker(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	manager := f.acme
	manager.Role = access.Manager
	for _, test := range []struct {
		scope access.Scope
		class tables.Class
		want  fault.Code
	}{
		{manager, tables.ClassPersonal, ""}, {manager, tables.ClassContent, fault.Forbidden},
		{f.acme, tables.ClassContent, ""}, {f.acme, tables.ClassSecret, fault.Invalid},
	} {
		_, err := f.service.PutPack(t.Context(), test.scope, "p", text("p", "SELECT ["+test.class.String()+"]"))
		if fault.CodeOf(err) != test.want {
			t.Errorf("%s stores a pack that reads %s: %v", test.scope.Role, test.class, err)
		}
		asking := strings.Replace(text("asking", "SELECT 1"), "queries:", "discovery: [\"SELECT ["+test.class.String()+"]\"]\nqueries:", 1)
		if _, err := f.service.PutPack(t.Context(), test.scope, "asking", asking); fault.CodeOf(err) != test.want {
			t.Errorf("%s stores a pack that runs by %s: %v", test.scope.Role, test.class, err)
		}
	}
	f.schedule(f.acme, "p", true) // of class content, which is off
	f.schedule(f.acme, "asking", true)
	f.want(f.acme, "darwin", "pack:base/q0")
}

func TestPacksThatDoNotHoldAreRefused(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	for name, yaml := range map[string]string{
		"no such table": text("p", "SELECT [broken]"), "another name": text("q", "SELECT 1"), "unknown key": text("p", "SELECT 1") + "colour: red\n",
		"no YAML": "\t:", "nothing": "", "too long": strings.Repeat("#", 2<<20),
	} {
		if _, err := f.service.PutPack(t.Context(), f.acme, "p", yaml); fault.CodeOf(err) != fault.Invalid && fault.CodeOf(err) != fault.TooLarge {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := f.service.Pack(t.Context(), f.acme, "p"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("something was stored: %v", err)
	}
}

func TestStoredPackThatNoLongerCompilesStopsNoOther(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	f.put(f.acme, "old", "SELECT 1")
	f.schedule(f.acme, "old", true)
	err := f.db.InScope(t.Context(), f.acme, func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE packs SET yaml = replace(yaml, 'SELECT 1', 'SELECT [broken]')`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	f.service.Changed(f.acme.TenantID)
	f.want(f.acme, "darwin", "pack:base/q0")
}

func TestShardsChooseTheSameAgents(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	yaml := strings.Replace(text("some", "SELECT 1"), "queries:", "shard: 30\nqueries:", 1)
	if _, err := f.service.PutPack(t.Context(), f.acme, "some", yaml); err != nil {
		t.Fatal(err)
	}
	f.schedule(f.acme, "some", true)
	chosen := 0
	for i := range 1000 {
		id := sha256.Sum256([]byte{byte(i), byte(i >> 8)})
		agent := agents.Identity{ID: uuid.UUID(id[:16]), TenantID: f.acme.TenantID, Tenant: f.acme.Tenant, Platform: "darwin"}
		first, _, err := f.service.Config(t.Context(), agent)
		if err != nil {
			t.Fatal(err)
		}
		f.service.Config(t.Context(), agent)
		if slices.ContainsFunc(first.Queries, func(q protocol.ConfigQuery) bool { return q.Collection == "pack:some/q0" }) {
			chosen++
		}
	}
	if chosen < 200 || chosen > 400 {
		t.Errorf("30 %% of 1000 agents are %d", chosen)
	}
}

func TestChangesAreToldToTheSubtree(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	told := make(chan uuid.UUID, 10)
	unsubscribe, err := f.bus.Subscribe("*", scans.BusChanged, "*", func(m bus.Message) { told <- m.Tenant })
	if err != nil {
		t.Fatal(err)
	}
	defer unsubscribe()
	f.schedule(f.msp, "base", false)
	got := []uuid.UUID{<-told, <-told}
	if !slices.Contains(got, f.msp.TenantID) || !slices.Contains(got, f.acme.TenantID) {
		t.Errorf("told %v", got)
	}
}

func TestTimesOfTheTenantAreInItsZone(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	f.service.Zone = func(_ context.Context, tenant int32) (string, error) {
		if tenant == f.acme.Tenant {
			return "Europe/Berlin", nil
		}
		return "UTC", nil
	}
	yaml := "pack: nightly\nqueries:\n  a: {sql: SELECT 1, at: '03:00', zone: tenant}\n  b: {sql: SELECT 2, at: '04:00'}\n"
	if _, err := f.service.PutPack(t.Context(), f.msp, "nightly", yaml); err != nil {
		t.Fatal(err)
	}
	f.schedule(f.msp, "nightly", true)
	for _, c := range []struct {
		scope access.Scope
		zone  string
	}{{f.msp, "UTC"}, {f.acme, "Europe/Berlin"}} {
		config, _, err := f.service.Config(t.Context(), agents.Identity{ID: uuid.New(), TenantID: c.scope.TenantID, Tenant: c.scope.Tenant, Platform: "darwin"})
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]protocol.ConfigQuery{}
		for _, q := range config.Queries {
			found[q.Collection] = q
		}
		if q := found["pack:nightly/a"]; q.At != "03:00" || q.Zone != c.zone || q.IntervalSeconds != 86400 {
			t.Errorf("in %s: %+v", c.zone, q)
		}
		if q := found["pack:nightly/b"]; q.At != "04:00" || q.Zone != "" {
			t.Errorf("the endpoint's own: %+v", q)
		}
	}
}
