package tenants_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/auth/authtest"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// msp is an MSP with customers, and an MSP beside it.
type msp struct {
	*authtest.Site
	top, acme, site, bolt, other access.Scope
	boss, admin, stranger        *authtest.Client
}

func newMSP(t *testing.T) *msp {
	t.Helper()
	m := &msp{Site: authtest.New(t, httpapi.Config{}, nil)}
	m.top, m.other = pgtest.Tenant(t, m.DB, "msp"), pgtest.Tenant(t, m.DB, "other")
	m.acme, m.bolt = pgtest.Tenant(t, m.DB, "acme", m.top.Tenant), pgtest.Tenant(t, m.DB, "bolt", m.top.Tenant)
	m.site = pgtest.Tenant(t, m.DB, "site", m.acme.Tenant)
	m.boss = m.Person(m.top, "boss@msp.example", access.MSPAdmin)
	m.boss.Enrol()
	m.admin = m.Person(m.acme, "admin@acme.example", access.Admin)
	m.stranger = m.Person(m.other, "boss@other.example", access.MSPAdmin)
	m.stranger.Enrol()
	return m
}

func path(scope access.Scope, verb string) string {
	return "/tenants/" + scope.TenantID.String() + verb
}

func TestTenantsAreRenamedAndKeepTheirVersion(t *testing.T) {
	t.Parallel()
	m := newMSP(t)
	status, header, _ := m.boss.Call(http.MethodGet, path(m.acme, ""), nil)
	tag := header.Get("ETag")
	if status != 200 || tag == "" {
		t.Fatalf("%d, ETag %q", status, tag)
	}
	for _, test := range []struct {
		name    string
		who     *authtest.Client
		body    map[string]any
		match   string
		status  int
		problem string
	}{
		{"a stranger", m.stranger, map[string]any{"name": "X"}, "", 404, ""},
		{"its own administrator", m.admin, map[string]any{"name": "X"}, "", 403, ""},
		{"a slug that is taken", m.boss, map[string]any{"slug": "bolt"}, "", 409, "taken"},
		{"a slug that cannot be", m.boss, map[string]any{"slug": "Two Words"}, "", 400, "slug"},
		{"as it was read", m.boss, map[string]any{"name": "Acme Ltd", "slug": "acme-ltd"}, tag, 200, ""},
		{"as it was read before that", m.boss, map[string]any{"name": "Late"}, tag, 412, "changed since you read it"},
		{"whatever it is", m.boss, map[string]any{"plan": "basic"}, "*", 200, ""},
	} {
		var headers []string
		if test.match != "" {
			headers = []string{"If-Match", test.match}
		}
		status, _, text := test.who.Call(http.MethodPatch, path(m.acme, ""), test.body, headers...)
		if status != test.status || !strings.Contains(text, test.problem) {
			t.Errorf("%s: %d %s", test.name, status, text)
		}
	}
	if got := m.boss.Want(200, http.MethodGet, path(m.acme, ""), nil); got["name"] != "Acme Ltd" || got["slug"] != "acme-ltd" || got["plan"] != "basic" {
		t.Errorf("after all: %v", got)
	}
	// Nobody raises their own plan, the MSP's administrator neither.
	m.boss.Want(403, http.MethodPatch, path(m.top, ""), map[string]any{"plan": "enterprise"})
	entries := fmt.Sprint(m.boss.Items("/audit?tenant=acme-ltd&action=tenants.change"))
	if !strings.Contains(entries, "before:acme") || !strings.Contains(entries, "after:Acme Ltd") {
		t.Errorf("the log tells of %s", entries)
	}
}

func TestSuspendedTenants(t *testing.T) {
	t.Parallel()
	m := newMSP(t)
	below := m.Person(m.site, "user@site.example", access.User)
	m.stranger.Want(404, http.MethodPost, path(m.acme, "/suspend"), map[string]any{})
	m.admin.Want(403, http.MethodPost, path(m.acme, "/suspend"), map[string]any{})
	m.boss.Want(403, http.MethodPost, path(m.top, "/suspend"), map[string]any{}) // decided above
	m.boss.Want(200, http.MethodPost, path(m.acme, "/suspend"), map[string]any{"reason": "unpaid"})
	for name, c := range map[string]*authtest.Client{"of the tenant": m.admin, "of a tenant below": below} {
		authtest.Eventually(t, "people "+name+" are out", func() bool { got, _, _ := c.Call(http.MethodGet, "/me", nil); return got == 401 })
		if got, _, text := c.Call(http.MethodPost, "/auth/login", map[string]any{"email": c.Email, "password": authtest.Password}); got != 403 || !strings.Contains(text, "suspended") {
			t.Errorf("%s: %d %s", name, got, text)
		}
	}
	// Those above can look and do what is theirs, but start no work.
	me := m.boss.Want(200, http.MethodGet, "/me?tenant=acme", nil)
	if held := fmt.Sprint(me["permissions"]); strings.Contains(held, "query.run") || !strings.Contains(held, "agents.read") || !strings.Contains(held, "tenants.manage") {
		t.Errorf("above a suspended tenant: %s", held)
	}
	m.boss.Want(200, http.MethodPost, path(m.acme, "/resume"), map[string]any{})
	m.admin.SignIn()
	m.admin.Want(200, http.MethodGet, "/me", nil)
	if entries := fmt.Sprint(m.admin.Items("/audit?action=tenants.suspend")); !strings.Contains(entries, "unpaid") || !strings.Contains(entries, "boss@msp.example") {
		t.Errorf("the customer's log tells of %s", entries)
	}
}

func TestNobodyEnrolsBelowASuspendedTenant(t *testing.T) {
	t.Parallel()
	m := newMSP(t)
	id := uuid.New()
	hash := sha256.Sum256(id[:])
	err := m.DB.InScope(t.Context(), access.System(m.site.Tenant, "test"), func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO enroll_secrets (tenant_id, id, secret_sha256, max_uses, expires_at, created_by, created_at, last_modified_by, last_modified_at)
			VALUES ($1, $2, $3, 1, now() + interval '1 hour', 't', now(), 't', now())`, m.site.Tenant, id, hash[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	known := func() bool {
		t.Helper()
		var found *uuid.UUID
		err := m.DB.Lookup(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
			return tx.QueryRow(ctx, `SELECT secret FROM keeper.enroll_secret($1)`, hash[:]).Scan(&found)
		})
		if err != nil {
			t.Fatal(err)
		}
		return found != nil
	}
	if !known() {
		t.Error("the secret does not hold before")
	}
	m.boss.Want(200, http.MethodPost, path(m.acme, "/suspend"), map[string]any{})
	if known() {
		t.Error("a secret of a tenant below a suspended one holds")
	}
	m.boss.Want(200, http.MethodPost, path(m.acme, "/resume"), map[string]any{})
	if !known() {
		t.Error("the secret does not hold again")
	}
}

func TestArchivedTenants(t *testing.T) {
	t.Parallel()
	m := newMSP(t)
	m.boss.Want(400, http.MethodPost, path(m.acme, "/archive"), map[string]any{"confirm": "bolt"})
	m.boss.Want(200, http.MethodPost, path(m.acme, "/archive"), map[string]any{"confirm": "acme"})
	slugs := func(query string) (found []string) {
		for _, item := range m.boss.Items("/tenants" + query) {
			found = append(found, fmt.Sprint(item["slug"]))
		}
		return found
	}
	authtest.Eventually(t, "an archived tenant is out of the list", func() bool { return fmt.Sprint(slugs("")) == "[msp bolt site]" })
	if got := slugs("?status=archived"); fmt.Sprint(got) != "[acme]" {
		t.Errorf("archived are %v", got)
	}
	m.boss.Want(200, http.MethodGet, "/users?tenant=acme", nil)
	m.boss.Want(403, http.MethodPost, "/users?tenant=acme", map[string]any{"email": "x@acme.example", "name": "X", "role": "USER"})
	m.boss.Want(200, http.MethodPost, path(m.acme, "/resume"), map[string]any{})
	authtest.Eventually(t, "it serves again", func() bool {
		got, _, _ := m.boss.Call(http.MethodPost, "/users?tenant=acme", map[string]any{"email": "x@acme.example", "name": "X", "role": "USER"})
		return got == 201
	})
}

// S6: moving needs rights at both ends, takes all below along, and makes no circle.
func TestMovingATenant(t *testing.T) {
	t.Parallel()
	m := newMSP(t)
	var changed sync.Map
	m.Tenants.OnChange(func(_ context.Context, tenant int32) { changed.Store(tenant, true) })
	move := func(who *authtest.Client, what, where access.Scope, status int) {
		t.Helper()
		who.Want(status, http.MethodPost, path(what, "/move"), map[string]any{"parent_id": where.TenantID})
	}
	move(m.admin, m.site, m.bolt, 403)
	move(m.boss, m.acme, m.other, 404)
	move(m.stranger, m.acme, m.other, 404)
	move(m.boss, m.top, m.acme, 403)
	move(m.boss, m.acme, m.site, 400)
	move(m.boss, m.acme, m.acme, 400)
	if _, told := changed.Load(m.acme.Tenant); told {
		t.Error("a refused move was announced")
	}
	move(m.boss, m.acme, m.bolt, 200)
	if _, told := changed.Load(m.acme.Tenant); !told {
		t.Error("the move was not announced")
	}
	got := m.boss.Want(200, http.MethodGet, "/tenants?tenant=bolt", nil)
	if text := fmt.Sprint(got["items"]); !strings.Contains(text, "acme") || !strings.Contains(text, "site") || strings.Contains(text, "slug:msp") {
		t.Errorf("below bolt: %s", text)
	}
	m.admin.Want(200, http.MethodGet, "/me?tenant=site", nil)
	move(m.boss, m.site, m.top, 200)
	authtest.Eventually(t, "what went out is out of reach", func() bool { got, _, _ := m.admin.Call(http.MethodGet, "/me?tenant=site", nil); return got == 404 })
}

func TestPlansOfMany(t *testing.T) {
	t.Parallel()
	m := newMSP(t)
	set := func(status int, ids ...any) map[string]any {
		t.Helper()
		return m.boss.Want(status, http.MethodPost, "/tenants/plans", map[string]any{"tenant_ids": ids, "plan": "basic"})
	}
	plan := func(scope access.Scope) any { return m.boss.Want(200, http.MethodGet, path(scope, ""), nil)["plan"] }
	before := plan(m.acme)
	if got := set(404, m.acme.TenantID, m.other.TenantID); !strings.Contains(fmt.Sprint(got["detail"]), "nothing was changed") {
		t.Errorf("with a foreign id: %v", got)
	}
	set(403, m.acme.TenantID, m.top.TenantID) // one's own plan is decided above
	if plan(m.acme) != before {
		t.Error("a refused list changed something")
	}
	if got := set(200, m.acme.TenantID, m.bolt.TenantID, m.acme.TenantID); got["changed"] != 2.0 || plan(m.acme) != "basic" || plan(m.bolt) != "basic" {
		t.Errorf("changed: %v", got)
	}
	if got := set(200, m.acme.TenantID); got["changed"] != 0.0 {
		t.Errorf("again: %v", got)
	}
	// The gate names the feature and who has it.
	authtest.Eventually(t, "the plan counts", func() bool {
		_, _, text := m.boss.Call(http.MethodPost, "/tenants?tenant=acme", map[string]any{"name": "x", "slug": "x", "plan": "basic"})
		return strings.Contains(text, "tier_required") && strings.Contains(text, "multi_tenant") && strings.Contains(text, "pro")
	})
}
