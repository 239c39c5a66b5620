package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/agents"
	"github.com/tenantra/tenantra/fleet/auth/authtest"
	"github.com/tenantra/tenantra/fleet/bus"
	"github.com/tenantra/tenantra/fleet/groups"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
	"github.com/tenantra/tenantra/fleet/scans"
	"github.com/tenantra/tenantra/queries"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

// lenient compiles every statement: what compiles has tests of its own.
type lenient struct{}

func (lenient) Check(string) (*engine.Analysis, error) {
	return &engine.Analysis{Columns: []string{"a"}}, nil
}

// authority is what enrol secrets carry the fingerprints of.
type authority struct{}

func (authority) CA() []byte                 { return []byte("a certificate") }
func (authority) RootKey() ed25519.PublicKey { return make(ed25519.PublicKey, ed25519.PublicKeySize) }
func (authority) ConfigCertificate(context.Context, uuid.UUID) (protocol.Signed, error) {
	return protocol.Signed{}, errors.New("nobody enrols here")
}

// office is a server with an MSP, whose administrator sits at a terminal, and its customers.
type office struct {
	*authtest.Site
	*terminalOf
	msp, acme, bolt access.Scope
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{}
	line, err := bus.Open(bus.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(line.Close)
	o.Site = authtest.New(t, httpapi.Config{}, func(s *authtest.Site, api *httpapi.API) {
		compilers := queries.Compilers{tables.Linux: lenient{}, tables.Darwin: lenient{}, tables.Windows: lenient{}}
		scans.New(scans.Settings{DB: s.DB, Bus: line, Library: scans.Library{Compilers: compilers}}).Routes(api)
		groups.New(groups.Config{DB: s.DB}).Routes(api)
		agents.New(agents.Config{DB: s.DB, Bus: line, Authority: authority{}}).Routes(api)
	})
	o.msp = pgtest.Tenant(t, o.DB, "msp")
	o.acme, o.bolt = pgtest.Tenant(t, o.DB, "acme", o.msp.Tenant), pgtest.Tenant(t, o.DB, "bolt", o.msp.Tenant)
	o.Person(o.msp, "boss@msp.example", access.MSPAdmin)
	o.terminalOf = newTerminal(t, o.Site)
	o.login("boss@msp.example")
	return o
}

// write makes the files of a directory and gives its name.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const (
	ownPack     = "pack: own\nqueries:\n  a:\n    sql: SELECT 1 AS a\n    interval: 1h\n"
	osqueryPack = `{"platform": "linux", "queries": {"ports": {"query": "SELECT port FROM listening_ports", "interval": 600}}}`
	fleetPack   = "apiVersion: v1\nkind: query\nspec:\n  name: users\n  query: SELECT username FROM users\n  interval: 3600\n"
)

// wanted is what the MSP wants itself and its customer acme to have.
var wanted = map[string]string{
	"packs/own.yaml":                  ownPack,
	"packs/osq.conf":                  osqueryPack,
	"schedules.yaml":                  "own: true\nosq: false\n",
	"groups.yaml":                     "- {name: linux, kind: expr, rule: 'agent.platform == \"linux\"'}\n",
	"tenants/acme/packs/fleetdm.yaml": fleetPack,
	"tenants/acme/groups.yaml":        "- {name: servers, kind: fixed}\n",
	"tenants/acme/schedules.yaml":     "fleetdm: true\n",
}

func TestApplyMakesTenantsHaveWhatFilesSay(t *testing.T) {
	o := newOffice(t)
	dir := write(t, wanted)
	plan := o.must("", "apply", "-f", dir, "--plan")
	for _, want := range []string{"create pack own", "create pack osq", "create schedule of own", "create group linux", "acme: create pack fleetdm", "acme: create group servers", "+ ", "SELECT 1 AS a"} {
		if !strings.Contains(plan, want) {
			t.Errorf("the plan lacks %q:\n%s", want, plan)
		}
	}
	if out := o.must("", "packs", "-o", "csv"); strings.Contains(out, "own") {
		t.Fatalf("a plan changes something: %s", out)
	}
	if out := o.must("", "apply", "-f", dir); !strings.Contains(out, "changes done") {
		t.Errorf("apply: %s", out)
	}
	if out := o.must("", "apply", "-f", dir); out != "nothing to change\n" {
		t.Errorf("a second time: %s", out)
	}
	if out := o.must("", "packs", "-t", "acme", "-o", "csv"); !strings.Contains(out, "fleetdm") || !strings.Contains(out, "own") {
		t.Errorf("acme's packs: %s", out)
	}
	if out := o.must("", "packs", "-t", "bolt", "-o", "csv"); strings.Contains(out, "fleetdm") {
		t.Errorf("a customer that no file names: %s", out)
	}
	changed := write(t, map[string]string{"packs/own.yaml": strings.Replace(ownPack, "SELECT 1", "SELECT 2", 1), "schedules.yaml": "own: false\n"})
	if out := o.must("", "apply", "-f", changed, "--plan"); !strings.Contains(out, "update pack own") || !strings.Contains(out, "-     sql: SELECT 1 AS a") ||
		!strings.Contains(out, "+     sql: SELECT 2 AS a") || strings.Contains(out, "interval") || strings.Contains(out, "delete") {
		t.Errorf("the plan of a change: %s", out)
	}
	o.must("", "apply", "-f", changed)
	// Nothing goes unless it is asked for twice.
	if _, _, err := o.run("", "apply", "-f", changed, "--prune"); err == nil || !strings.Contains(err.Error(), "--yes") {
		t.Errorf("prune without --yes: %v", err)
	}
	if out := o.must("", "packs", "-o", "csv"); !strings.Contains(out, "osq") {
		t.Errorf("it was pruned all the same: %s", out)
	}
	if out := o.must("", "apply", "-f", changed, "--prune", "--yes"); !strings.Contains(out, "delete pack osq") || !strings.Contains(out, "delete group linux") {
		t.Errorf("prune: %s", out)
	}
	if out := o.must("", "packs", "-t", "acme", "-o", "csv"); !strings.Contains(out, "fleetdm") {
		t.Errorf("a tenant that no file names was pruned: %s", out)
	}
}

func TestWhatIsWrongChangesNothing(t *testing.T) {
	o := newOffice(t)
	for name, files := range map[string]map[string]string{
		"a pack that does not read":  {"packs/a.yaml": ownPack, "packs/b.yaml": "pack: b\nqueries: 1\n"},
		"a pack twice":               {"packs/a.yaml": ownPack, "packs/b.yaml": ownPack},
		"a tenant that is not there": {"packs/a.yaml": ownPack, "tenants/nowhere/packs/own.yaml": ownPack},
		"a group twice":              {"packs/a.yaml": ownPack, "groups.yaml": "- {name: a, kind: fixed}\n- {name: a, kind: fixed}\n"},
		"an unknown key":             {"packs/a.yaml": ownPack, "groups.yaml": "- {name: a, kind: fixed, color: red}\n"},
	} {
		if out, _, err := o.run("", "apply", "-f", write(t, files)); err == nil {
			t.Errorf("%s: %s", name, out)
		}
		if out := o.must("", "packs", "-o", "csv"); strings.Contains(out, "own") {
			t.Fatalf("%s changed something: %s", name, out)
		}
	}
}

func TestWhatIsExportedIsAppliedAnew(t *testing.T) {
	o := newOffice(t)
	o.must("", "apply", "-f", write(t, wanted))
	dir := filepath.Join(t.TempDir(), "out")
	o.must("", "export", "-d", dir, "--recursive")
	if out := o.must("", "apply", "-f", dir, "--prune", "--plan"); out != "nothing to change\n" {
		t.Errorf("what was exported differs: %s", out)
	}
	if _, _, err := o.run("", "export", "-d", dir); err == nil {
		t.Error("an export overwrites a directory")
	}
	// Elsewhere it makes the same.
	other := newOffice(t)
	other.must("", "apply", "-f", dir)
	if out := other.must("", "apply", "-f", dir, "--prune", "--plan"); out != "nothing to change\n" {
		t.Errorf("another installation: %s", out)
	}
	if out := other.must("", "groups", "-t", "acme", "-o", "csv"); !strings.Contains(out, "servers,fixed") {
		t.Errorf("groups: %s", out)
	}
}

// The bulk work that an MSP does: enrol secrets for fifty tenants, another plan for a list of them, all agents as CSV.
func TestBulkWorkOfAnMSP(t *testing.T) {
	o := newOffice(t)
	var slugs []string
	for i := range 50 {
		slug := fmt.Sprintf("site-%02d", i)
		site := pgtest.Tenant(t, o.DB, slug, o.acme.Tenant)
		if i%10 == 0 {
			rowstest.Enroll(t, o.DB, site, "host-of-"+slug, "linux")
		}
		slugs = append(slugs, slug)
	}
	secrets := map[string]bool{}
	for _, slug := range slugs {
		secret := strings.TrimSpace(o.must("", "enroll-secret", "create", "-t", slug, "--uses", "5"))
		if !strings.HasPrefix(secret, "tne_") {
			t.Errorf("%s: %q", slug, secret)
		}
		secrets[secret] = true
	}
	if len(secrets) != 50 {
		t.Errorf("%d different secrets", len(secrets))
	}
	o.must("", append([]string{"tenants", "plan", "basic"}, slugs[:20]...)...)
	basic := 0
	for line := range strings.Lines(o.must("", "tenants", "-o", "csv")) {
		if strings.Contains(line, "site-") && strings.Contains(line, "basic") {
			basic++
		}
	}
	if basic != 20 {
		t.Errorf("%d tenants have the plan basic, want 20", basic)
	}
	if out := o.must("", "agents", "-t", "acme", "--recursive", "-o", "csv"); strings.Count(out, "host-of-site-") != 5 || !strings.HasPrefix(out, "hostname") {
		t.Errorf("agents as CSV: %s", out)
	}
	if out := o.must("", "agents", "-t", "bolt", "--recursive", "-o", "csv"); strings.Contains(out, "host-of") {
		t.Errorf("another customer's: %s", out)
	}
}
