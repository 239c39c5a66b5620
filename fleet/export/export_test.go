package export_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/auth/authtest"
	"github.com/tenantra/tenantra/fleet/export"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
	"github.com/tenantra/tenantra/tables"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// classOf has collections named content hold what only administrators read.
func classOf(_ context.Context, _ access.Scope, collection string) (tables.Class, error) {
	if strings.HasSuffix(collection, "content") {
		return tables.ClassContent, nil
	}
	return tables.ClassInventory, nil
}

type fixture struct {
	*authtest.Site
	admin, reader, stranger *authtest.Client
}

// newFixture has an agent with a hostile name that told two collections of acme, which lies below the MSP.
func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{}
	f.Site = authtest.New(t, httpapi.Config{}, func(s *authtest.Site, api *httpapi.API) { export.New(s.DB, classOf).Routes(api) })
	acme := pgtest.Tenant(t, f.DB, "acme")
	store := rowstest.Store(t, f.DB)
	web := rowstest.Enroll(t, f.DB, acme, "=web", "linux")
	web.Tell(t, store, "pack:a/inventory", []string{"name", "n"}, [][]tables.Value{{tables.TextValue("=cmd()"), tables.IntValue(-5)}, {tables.TextValue("plain"), {}}})
	web.Tell(t, store, "pack:a/content", []string{"line"}, rowstest.Text([]string{"secret line"}))
	f.admin = f.Person(acme, "admin@acme.example", access.Admin)
	f.reader = f.Person(acme, "reader@acme.example", access.ReadOnly)
	f.stranger = f.Person(pgtest.Tenant(t, f.DB, "globex"), "admin@globex.example", access.Admin)
	return f
}

func TestOneCollectionHasItsOwnColumns(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	status, header, text := f.reader.Call(http.MethodGet, "/scan/export?collection=pack:a/inventory", nil)
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if status != 200 || err != nil || !strings.HasPrefix(header.Get("Content-Type"), "text/csv") || len(lines) != 3 {
		t.Fatalf("%d, %v: %s", status, err, text)
	}
	if got := strings.Join(lines[0], ","); got != "tenant,agent_id,hostname,collection,seen_from,n,name" {
		t.Errorf("columns %s", got)
	}
	found := map[string]string{}
	for _, l := range lines[1:] {
		found[l[6]] = l[5]
		if l[2] != "'=web" {
			t.Errorf("the host's name is a formula: %q", l[2])
		}
	}
	if n, ok := found["'=cmd()"]; !ok || n != "-5" {
		t.Errorf("text is no formula, a number stays one: %v", found)
	}
	if n, ok := found["plain"]; !ok || n != "" {
		t.Errorf("NULL is empty: %v", found)
	}
	f.reader.Want(404, http.MethodGet, "/scan/export?collection=pack:a/none", nil)
	f.reader.Want(403, http.MethodGet, "/scan/export?collection=pack:a/content", nil)
}

func TestAllCollectionsAreRowsOfJSON(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for who, want := range map[*authtest.Client]int{f.admin: 3, f.reader: 2} {
		_, _, text := who.Call(http.MethodGet, "/scan/export?format=ndjson", nil)
		n := 0
		for line := range strings.Lines(text) {
			var row struct {
				Tenant, Collection string
				Row                map[string]any
			}
			if err := json.Unmarshal([]byte(line), &row); err != nil || row.Tenant != "acme" || row.Collection == "" || len(row.Row) == 0 {
				t.Errorf("%s: %+v, %v", line, row, err)
			}
			n++
		}
		if n != want {
			t.Errorf("%s reads %d rows, want %d", who.Email, n, want)
		}
	}
	_, _, text := f.admin.Call(http.MethodGet, "/scan/export", nil)
	if lines, err := csv.NewReader(strings.NewReader(text)).ReadAll(); err != nil || len(lines) != 4 || !strings.HasPrefix(lines[1][5], "{") {
		t.Errorf("%v: %s", err, text)
	}
}

// The name that the requirements give it, at the root path and below the API's, with the tenant in the path.
func TestTheTenantInThePathIsChosen(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, path := range []string{"/scan/export/acme", "/scan/export/acme?format=ndjson&tenant=globex"} {
		if status, _, text := f.admin.Call(http.MethodGet, path, nil); status != 200 || !strings.Contains(text, "plain") {
			t.Errorf("%s: %d %s", path, status, text)
		}
		if status, _, text := f.stranger.Call(http.MethodGet, path, nil); status != 404 || strings.Contains(text, "plain") {
			t.Errorf("another tenant, %s: %d %s", path, status, text)
		}
	}
}

func TestExportsAreInTheLogAndFew(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for range 10 {
		f.reader.Call(http.MethodGet, "/scan/export?collection=pack:a/inventory", nil)
	}
	f.reader.Want(429, http.MethodGet, "/scan/export", nil)
	items := f.admin.Items("/audit?action=scans.export")
	if len(items) != 10 || items[0]["actor"] != "reader@acme.example" {
		t.Errorf("%d entries: %v", len(items), items)
	}
}
