package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/auth/authtest"
	"github.com/tenantra/tenantra/fleet/bus"
	"github.com/tenantra/tenantra/fleet/catalogue"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/layers"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/scans"
)

// A new text of a pack is tried, compared, given to all and taken back, and what else the tenant's layer says stays.
func TestPacksAreTriedFromTheCommandLine(t *testing.T) {
	checker, err := catalogue.NewChecker()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = checker.Close() })
	site := authtest.New(t, httpapi.Config{}, func(s *authtest.Site, api *httpapi.API) {
		b, err := bus.Open(bus.Config{Installation: s.DB.Installation()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(b.Close)
		var laid *layers.Service
		base := scans.New(scans.Settings{DB: s.DB, Bus: b, Library: scans.Library{Compilers: checker.Compilers()},
			Also: func(ctx context.Context, tenant int32) ([]scans.Otherwise, error) { return laid.Also(ctx, tenant) }})
		laid = layers.New(layers.Config{DB: s.DB, Base: base})
		base.Routes(api)
		laid.Routes(api)
	})
	site.Person(pgtest.Tenant(t, site.DB, "alpha"), "admin@alpha.example", access.Admin)
	x := newTerminal(t, site)
	x.login("admin@alpha.example")
	file := func(sql string) string {
		path := filepath.Join(t.TempDir(), "pack.yaml")
		if err := os.WriteFile(path, []byte("pack: own\nqueries:\n  q:\n    sql: "+sql+"\n    at: \"03:00\"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	x.must("", "packs", "put", "own", file("SELECT name FROM processes"))
	x.must("heartbeat_seconds: 60\n", "config", "set", "-")
	if out := x.must("", "packs", "canary", "--percent", "10", "own", file("SELECT pid FROM processes")); strings.TrimSpace(out) != "2" {
		t.Fatalf("the version is %q", out)
	}
	layer := func() string { return x.must("", "get", "config-layers", "-o", "json") }
	if out := layer(); !strings.Contains(out, `"rolling"`) || !strings.Contains(out, `"canary_percent": 10`) || !strings.Contains(out, `"own": 2`) || !strings.Contains(out, `"heartbeat_seconds": 60`) {
		t.Errorf("while it is tried: %s", out)
	}
	if _, _, err := x.run("", "packs", "canary", "own", file("SELECT path FROM processes")); err == nil || !strings.Contains(err.Error(), "tried already") {
		t.Errorf("a second try: %v", err)
	}
	if out := x.must("", "packs", "diff", "own", "1", "2"); !strings.Contains(out, "-    sql: SELECT name FROM processes") || !strings.Contains(out, "+    sql: SELECT pid FROM processes") {
		t.Errorf("the difference: %s", out)
	}
	if out := x.must("", "packs", "show", "own"); !strings.Contains(out, "SELECT name") {
		t.Errorf("the present text while another is tried: %s", out)
	}
	x.must("", "packs", "restore", "own", "2")
	if out := x.must("", "packs", "show", "own"); !strings.Contains(out, "SELECT pid") {
		t.Errorf("given to all: %s", out)
	}
	if out := layer(); strings.Contains(out, `"own"`) || !strings.Contains(out, `"done"`) || !strings.Contains(out, `"heartbeat_seconds": 60`) {
		t.Errorf("afterwards: %s", out)
	}
	x.must("", "packs", "restore", "own", "1")
	if out := x.must("", "packs", "show", "own"); !strings.Contains(out, "SELECT name") {
		t.Errorf("taken back: %s", out)
	}
}
