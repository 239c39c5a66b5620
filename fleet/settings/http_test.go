package settings_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/auth/authtest"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/modules"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/settings"
	"github.com/tenantra/tenantra/tables"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

type tree struct {
	*authtest.Site
	settings         *settings.Service
	changed          sync.Map // tenant → true
	msp, acme, site  access.Scope
	boss, admin, eve *authtest.Client
}

func newTree(t *testing.T) *tree {
	t.Helper()
	x := &tree{}
	x.Site = authtest.New(t, httpapi.Config{}, func(s *authtest.Site, api *httpapi.API) {
		x.settings = settings.New(settings.Config{DB: s.DB, Home: s.Auth.Home, Changed: func(_ context.Context, tenant int32) { x.changed.Store(tenant, true) }})
		x.settings.Routes(api)
	})
	x.msp = pgtest.Tenant(t, x.DB, "msp")
	x.acme = pgtest.Tenant(t, x.DB, "acme", x.msp.Tenant)
	x.site = pgtest.Tenant(t, x.DB, "site", x.acme.Tenant)
	x.boss = x.Person(x.msp, "boss@msp.example", access.MSPAdmin)
	x.boss.Enrol()
	x.admin = x.Person(x.acme, "admin@acme.example", access.Admin)
	x.eve = x.Person(pgtest.Tenant(t, x.DB, "other"), "eve@other.example", access.Admin)
	return x
}

func (x *tree) setting(c *authtest.Client, tenant, key string) map[string]any {
	x.T.Helper()
	for _, item := range c.Items("/settings?tenant=" + tenant) {
		if item["key"] == key {
			return item
		}
	}
	x.T.Fatalf("no setting %s", key)
	return nil
}

func TestSettingsAreInheritedAndLocked(t *testing.T) {
	t.Parallel()
	x := newTree(t)
	const key = settings.RowsDays
	put := func(c *authtest.Client, tenant string, status int, value any, locked bool) {
		t.Helper()
		c.Want(status, http.MethodPut, "/settings/"+key+"?tenant="+tenant, map[string]any{"value": value, "locked": locked})
	}
	want := func(tenant string, value any, from string, own, locked bool) {
		t.Helper()
		if got := x.setting(x.boss, tenant, key); got["value"] != value || got["from"] != from || got["own"] != own || got["locked"] != locked {
			t.Errorf("at %s: %v", tenant, got)
		}
	}
	want("site", 90.0, "", false, false)
	put(x.boss, "msp", 200, 30, false)
	want("site", 30.0, "msp", false, false)
	put(x.admin, "acme", 200, 60, false)
	want("acme", 60.0, "acme", true, false)
	want("site", 60.0, "acme", false, false)
	put(x.boss, "msp", 200, 14, true)
	want("msp", 14.0, "msp", true, false)
	want("site", 14.0, "msp", false, true) // the lock covers what was said below before
	put(x.admin, "acme", 409, 60, false)
	x.admin.Want(409, http.MethodDelete, "/settings/"+key, nil)
	x.boss.Want(204, http.MethodDelete, "/settings/"+key, nil)
	want("site", 60.0, "acme", false, false)
	x.eve.Want(404, http.MethodPut, "/settings/"+key+"?tenant=acme", map[string]any{"value": 1})
	x.eve.Want(404, http.MethodGet, "/settings?tenant=acme", nil)
	if got := x.setting(x.eve, "other", key); got["value"] != 90.0 {
		t.Errorf("another tenant has %v", got)
	}
	if entries := fmt.Sprint(x.admin.Items("/audit?action=settings.put")); !strings.Contains(entries, "after:60") {
		t.Errorf("the log tells of %s", entries)
	}
	if _, told := x.changed.Load(x.acme.Tenant); !told {
		t.Error("nobody was told")
	}
	// What is careful wants a fresh sign-in.
	x.Clock.Advance(9 * time.Minute)
	x.admin.SignIn()
	x.Clock.Advance(9 * time.Minute)
	put(x.admin, "acme", 200, 61, false)
	x.Clock.Advance(90 * time.Second)
	if got, _, text := x.admin.Call(http.MethodPut, "/settings/"+key, map[string]any{"value": 62}); got != 401 && !strings.Contains(text, "step_up_required") {
		t.Errorf("long after the sign-in: %d %s", got, text)
	}
}

func picture(width, height int) string {
	var out bytes.Buffer
	_ = png.Encode(&out, image.NewGray(image.Rect(0, 0, width, height))) // a buffer takes all
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(out.Bytes())
}

func TestValuesAreChecked(t *testing.T) {
	t.Parallel()
	x := newTree(t)
	for _, test := range []struct {
		key    string
		value  any
		status int
	}{
		{settings.RowsDays, 0, 400},
		{settings.RowsDays, 1.5, 400},
		{settings.RowsDays, "30", 400},
		{settings.BrandColour, "#1a4d8f", 200},
		{settings.BrandColour, "#ffee00", 400}, // white text on yellow
		{settings.BrandColour, "red; }", 400},
		{settings.BrandName, "Acme <b>", 200},
		{settings.BrandName, "two\nlines", 400},
		{settings.BrandLogo, picture(64, 64), 200},
		{settings.BrandLogo, picture(2500, 2500), 400},
		{settings.BrandLogo, "data:image/svg+xml;base64,PHN2Zz4=", 400},
		{settings.BrandLogo, "https://elsewhere.example/logo.png", 400},
		{settings.BrandLogo, "", 200},
		{settings.AllowedClass, "secret", 400},
		{settings.AllowedClass, "inventory", 200},
		{settings.SupportAccess, "no", 400},
		{"no.such", 1, 404},
	} {
		if got, _, text := x.admin.Call(http.MethodPut, "/settings/"+test.key, map[string]any{"value": test.value}); got != test.status {
			t.Errorf("%s: %d %.200s, want %d", test.key, got, text, test.status)
		}
	}
}

// Whether those above may act in a tenant is the tenant's own to say.
func TestSupportAccessIsTheTenantsOwn(t *testing.T) {
	t.Parallel()
	x := newTree(t)
	path := "/settings/" + settings.SupportAccess
	x.boss.Want(403, http.MethodPut, path+"?tenant=acme", map[string]any{"value": true})
	x.admin.Want(400, http.MethodPut, path, map[string]any{"value": false, "locked": true})
	x.admin.Want(200, http.MethodPut, path, map[string]any{"value": false})
	for scope, want := range map[*access.Scope]bool{&x.msp: true, &x.acme: false, &x.site: false} {
		if got, err := x.settings.SupportAllowed(t.Context(), scope.Tenant); err != nil || got != want {
			t.Errorf("tenant %d: %v %v", scope.Tenant, got, err)
		}
	}
}

func TestModulesAreSwitchedAndReachTheAgents(t *testing.T) {
	t.Parallel()
	x := newTree(t)
	put := func(c *authtest.Client, path string, status int, body map[string]any) {
		t.Helper()
		c.Want(status, http.MethodPut, path, body)
	}
	module := func(tenant, name string) map[string]any {
		t.Helper()
		for _, item := range x.boss.Items("/modules?tenant=" + tenant) {
			if item["name"] == name {
				return item
			}
		}
		t.Fatalf("no module %s", name)
		return nil
	}
	agents := func(scope access.Scope) modules.Settings {
		t.Helper()
		got, err := x.settings.Modules(t.Context(), scope.Tenant)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := module("site", "processes"); got["state"] != "collected" || got["from"] != "" || got["class"] != "inventory" {
		t.Errorf("before: %v", got)
	}
	put(x.boss, "/modules/shell_history?tenant=msp", 200, map[string]any{"state": "off", "locked": true})
	put(x.admin, "/modules/shell_history", 409, map[string]any{"state": "live"})
	put(x.admin, "/modules/processes", 200, map[string]any{"state": "collected", "interval_seconds": 300})
	put(x.admin, "/modules/processes", 400, map[string]any{"state": "collected", "interval_seconds": 5})
	put(x.admin, "/modules/no_such_table", 404, map[string]any{"state": "off"})
	put(x.admin, "/modules/file", 400, map[string]any{"state": "collected"}) // it answers for a given path only
	category := settings.CategoryID(tables.Network)
	put(x.admin, "/module-categories/"+category, 204, map[string]any{"state": "off"})
	put(x.admin, "/modules/listening_ports", 200, map[string]any{"state": "live"})
	put(x.admin, "/module-categories/no-such", 404, map[string]any{"state": "off"})

	if got := module("site", "shell_history"); got["state"] != "off" || got["from"] != "msp" || got["locked"] != true {
		t.Errorf("locked by the MSP: %v", got)
	}
	if got := module("site", "routes"); got["state"] != "off" || got["from"] != "acme" || got["by_category"] != true {
		t.Errorf("of a category that is off: %v", got)
	}
	said := agents(x.site)
	off := said.OffTables()
	if !slices.Contains(off, "shell_history") || !slices.Contains(off, "routes") || slices.Contains(off, "listening_ports") {
		t.Errorf("agents refuse %v", off)
	}
	if every := said.Of["processes"].Interval; every != 5*time.Minute || said.Paused || said.Allowed != tables.ClassPersonal {
		t.Errorf("agents get %v, paused %v, class %s", every, said.Paused, said.Allowed)
	}
	x.admin.Want(200, http.MethodPut, "/settings/"+settings.AllowedClass, map[string]any{"value": "inventory"})
	if got := agents(x.site).Allowed; got != tables.ClassInventory {
		t.Errorf("allowed is %s", got)
	}
	x.admin.Want(204, http.MethodDelete, "/modules/processes", nil)
	x.admin.Want(404, http.MethodDelete, "/modules/processes", nil)
	x.boss.Want(200, http.MethodPost, "/tenants/"+x.acme.TenantID.String()+"/suspend", map[string]any{})
	if !agents(x.site).Paused {
		t.Error("a suspended tenant's agents are not paused")
	}
}
