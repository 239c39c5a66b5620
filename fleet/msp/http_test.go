package msp_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/auth/authtest"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/mail"
	"github.com/tenantra/tenantra/fleet/msp"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/settings"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// post collects the mails that would be sent.
type post chan mail.Message

func (p post) Send(_ context.Context, m mail.Message) error {
	p <- m
	return nil
}

func (post) Configured(context.Context) (bool, error) { return true, nil }

type world struct {
	*authtest.Site
	top, acme, site, bolt access.Scope
	boss, admin, user     *authtest.Client
	mails                 post
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{mails: make(post, 100)}
	w.Site = authtest.New(t, httpapi.Config{}, func(s *authtest.Site, api *httpapi.API) {
		said := settings.New(settings.Config{DB: s.DB, Home: s.Auth.Home})
		said.Routes(api)
		s.Support = said.SupportAllowed
		service := msp.New(msp.Config{DB: s.DB, Accounts: s.Auth, Support: said.SupportAllowed, Mailer: w.mails})
		service.Routes(api)
		ctx, stop := context.WithCancel(context.Background())
		var running sync.WaitGroup
		running.Go(func() {
			if err := service.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		t.Cleanup(func() { stop(); running.Wait() })
	})
	w.top = pgtest.Tenant(t, w.DB, "msp")
	w.acme, w.bolt = pgtest.Tenant(t, w.DB, "acme", w.top.Tenant), pgtest.Tenant(t, w.DB, "bolt", w.top.Tenant)
	w.site = pgtest.Tenant(t, w.DB, "site", w.acme.Tenant)
	w.boss = w.Person(w.top, "boss@msp.example", access.MSPAdmin)
	w.boss.Enrol()
	w.admin = w.Person(w.acme, "admin@acme.example", access.Admin)
	w.user = w.Person(w.acme, "user@acme.example", access.User)
	return w
}

// start begins a grant and gives a client that acts with it.
func (w *world) start(tenant string, body map[string]any) (*authtest.Client, string) {
	w.T.Helper()
	made := w.boss.Want(201, http.MethodPost, "/impersonations?tenant="+tenant, body)
	token, _ := made["access_token"].(string)
	return &authtest.Client{Site: w.Site, Token: token}, fmt.Sprint(made["msp_scope_token"])
}

const reason = "ticket 4711: the printer does not answer"

func TestActingForAPersonIsTheLesserOfBothAndSeenByTheCustomer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	acting, grant := w.start("acme", map[string]any{"user_id": w.user.ID(), "reason": reason})
	me := acting.Want(200, http.MethodGet, "/me", nil)
	held := fmt.Sprint(me["permissions"])
	if me["msp_scope_token"] != grant || me["role"] != "USER" || me["on_behalf"] != w.user.ID() || strings.Contains(held, "users.") || !strings.Contains(held, "query.run") {
		t.Errorf("acting: %v", me)
	}
	for _, test := range []struct {
		name, method, path string
		body               any
		status             int
	}{
		{"in a tenant below", http.MethodGet, "/me?tenant=site", nil, 200},
		{"not beside it", http.MethodGet, "/me?tenant=bolt", nil, 404},
		{"nor above", http.MethodGet, "/me?tenant=msp", nil, 404},
		{"what the person may not", http.MethodGet, "/users", nil, 403},
		{"no password", http.MethodPost, "/auth/password", map[string]any{"current_password": authtest.Password, "new_password": "another long password"}, 403},
		{"no second factor", http.MethodPost, "/me/totp", nil, 403},
		{"no step-up", http.MethodPost, "/auth/step-up", map[string]any{"password": authtest.Password}, 403},
		{"no profile", http.MethodPatch, "/me", map[string]any{"name": "X"}, 403},
		{"no further grant", http.MethodPost, "/impersonations?tenant=site", map[string]any{"reason": reason}, 403},
	} {
		if got, _, text := acting.Call(test.method, test.path, test.body); got != test.status {
			t.Errorf("%s: %d %s, want %d", test.name, got, text, test.status)
		}
	}
	// The customer sees it, and both people are in the log.
	seen := w.admin.Items("/impersonations")
	if len(seen) != 1 || seen[0]["actor"] != "boss@msp.example" || seen[0]["user"] != "user@acme.example" || seen[0]["reason"] != reason {
		t.Errorf("the customer sees %v", seen)
	}
	entry := w.admin.Items("/audit?action=grants.start")[0]
	if entry["actor"] != "boss@msp.example" || entry["on_behalf"] != w.user.ID() || entry["msp_scope_token"] != grant || !strings.Contains(fmt.Sprint(entry["detail"]), reason) {
		t.Errorf("the log tells of %v", entry)
	}
	select {
	case m := <-w.mails:
		if m.To != "admin@acme.example" || !strings.Contains(m.Text, reason) || !strings.Contains(m.Subject, "boss@msp.example") {
			t.Errorf("the notice is %+v", m)
		}
	case <-time.After(5 * time.Second):
		t.Error("no notice was sent")
	}
	// The customer ends it.
	w.user.Want(403, http.MethodPost, "/impersonations/"+grant+"/end", map[string]any{})
	w.admin.Want(200, http.MethodPost, "/impersonations/"+grant+"/end", map[string]any{})
	acting.Want(401, http.MethodGet, "/me", nil)
	w.boss.Want(200, http.MethodGet, "/me", nil)
}

// S13.
func TestGrantsThatMustNotBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stronger := w.Person(w.acme, "msp@acme.example", access.MSPAdmin)
	stronger.Enrol()
	good := map[string]any{"reason": reason}
	for _, test := range []struct {
		name, tenant string
		who          *authtest.Client
		body         map[string]any
		status       int
	}{
		{"without a reason", "acme", w.boss, map[string]any{}, 400},
		{"a reason that tells nothing", "acme", w.boss, map[string]any{"reason": "support   "}, 400},
		{"longer than an hour", "acme", w.boss, map[string]any{"reason": reason, "minutes": 61}, 400},
		{"by the tenant's own", "acme", w.admin, good, 403},
		{"in one's own tenant", "msp", w.boss, good, 403},
		{"in one's own tenant, by an MSP below", "acme", stronger, good, 403},
		{"upward", "msp", stronger, good, 404},
		{"beside", "bolt", stronger, good, 404},
		{"of a person of another tenant", "bolt", w.boss, map[string]any{"reason": reason, "user_id": w.user.ID()}, 404},
		{"of nobody", "acme", w.boss, map[string]any{"reason": reason, "user_id": uuid.NewString()}, 404},
		{"with a role above one's own", "acme", w.boss, map[string]any{"reason": reason, "role": "SUPER_ADMIN"}, 400},
	} {
		if got, _, text := test.who.Call(http.MethodPost, "/impersonations?tenant="+test.tenant, test.body); got != test.status {
			t.Errorf("%s: %d %s, want %d", test.name, got, text, test.status)
		}
	}
	// A stronger person: the boss is denied something at acme that its administrator may.
	w.admin.Want(403, http.MethodPut, "/members/"+w.boss.ID()+"/denied/query.content", map[string]any{})
	root := w.Person(access.Scope{Tenant: postgres.RootTenant, Visible: []int32{postgres.RootTenant}, TenantID: w.DB.Installation(), Tier: access.Enterprise}, "root@root.example", access.SuperAdmin)
	root.Want(204, http.MethodPut, "/members/"+w.boss.ID()+"/denied/query.content?tenant=acme", map[string]any{})
	w.boss.SignIn()
	w.boss.Want(403, http.MethodPost, "/impersonations?tenant=acme", map[string]any{"reason": reason, "user_id": w.admin.ID()})
	w.boss.Want(201, http.MethodPost, "/impersonations?tenant=acme", map[string]any{"reason": reason, "user_id": w.user.ID()})
}

func TestGrantsEndByTimeWithTheSessionAndByTheCustomersSwitch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	acting, _ := w.start("acme", map[string]any{"reason": reason, "role": "MANAGER", "minutes": 15})
	if me := acting.Want(200, http.MethodGet, "/me", nil); me["role"] != "MANAGER" || me["on_behalf"] != nil {
		t.Errorf("with a role: %v", me)
	}
	w.Clock.Advance(14 * time.Minute)
	acting.Want(200, http.MethodGet, "/me", nil)
	w.Clock.Advance(2 * time.Minute)
	acting.Want(401, http.MethodGet, "/me", nil)

	w.boss.SignIn()
	acting, _ = w.start("acme", map[string]any{"reason": reason})
	w.admin.SignIn()
	w.admin.Want(200, http.MethodPut, "/settings/"+settings.SupportAccess, map[string]any{"value": false})
	authtest.Eventually(t, "switched off by the customer", func() bool { got, _, _ := acting.Call(http.MethodGet, "/me", nil); return got == 401 })
	if got, _, text := w.boss.Call(http.MethodPost, "/impersonations?tenant=acme", map[string]any{"reason": reason}); got != 403 || !strings.Contains(text, "switched") {
		t.Errorf("where it is off: %d %s", got, text)
	}

	acting, _ = w.start("bolt", map[string]any{"reason": reason})
	acting.Want(200, http.MethodGet, "/me", nil)
	first := *w.boss
	w.Clock.Advance(time.Minute)
	w.boss.SignIn()
	w.boss.Want(200, http.MethodPost, "/me/sessions/end-others", map[string]any{})
	first.Want(401, http.MethodGet, "/me", nil)
	acting.Want(401, http.MethodGet, "/me", nil)
}

func TestOverviewOfClients(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pgtest.Tenant(t, w.DB, "elsewhere")
	clients := w.boss.Items("/msp/clients")
	if len(clients) != 2 || clients[0]["name"] != "acme" || clients[1]["name"] != "bolt" || clients[0]["tenants"] != 2.0 {
		t.Fatalf("clients: %v", clients)
	}
	insert := func(scope access.Scope, agents, online int, critical time.Duration) {
		t.Helper()
		err := w.DB.InScope(t.Context(), access.System(scope.Tenant, "test"), func(ctx context.Context, tx *postgres.Tx) error {
			for i := range agents {
				id, err := uuid.NewV7()
				if err != nil {
					return err
				}
				var key int32
				err = tx.QueryRow(ctx, `INSERT INTO agents (tenant_id, public_id, public_key, state, hostname, platform, arch, os_name, os_version, version, hardware_id, enroll_secret_id,
					enrolled_at, created_by, created_at, last_modified_by, last_modified_at)
					VALUES ($1, $2, sha256(convert_to(gen_random_uuid()::text, 'UTF8')), 'active', 'h', 'linux', 'amd64', 'Debian', '12', '1', '', $2, now(), 't', now(), 't', now()) RETURNING id`, scope.Tenant, id).Scan(&key)
				if err != nil {
					return err
				}
				if _, err := tx.Exec(ctx, `INSERT INTO agent_presence (tenant_id, agent_id, last_seen_at, online) VALUES ($1, $2, now(), $3)`, scope.Tenant, key, i < online); err != nil {
					return err
				}
				if i > 0 || critical == 0 {
					continue
				}
				if _, err := tx.Exec(ctx, `INSERT INTO findings (tenant_id, id, agent_id, kind, subject, title, severity, state, message, expected, fix, rule_version, class, evidence, first_seen_at, last_seen_at)
					VALUES ($1, $2, $3, 'compliance', 's', 't', 4, 'open', '', '', '', '1', 0, '{}', $4, $4)`, scope.Tenant, id, key, w.Clock.Now().Add(-critical)); err != nil {
					return err
				}
				if _, err := tx.Exec(ctx, `INSERT INTO verdicts (tenant_id, check_id, agent_id, verdict, message, class, rule_version, since)
					SELECT $1, 'check-' || n, $2, CASE WHEN n = 1 THEN 'fail' ELSE 'pass' END, '', 0, '1', now() FROM generate_series(1, 4) n`, scope.Tenant, key); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	insert(w.site, 10, 5, 5*24*time.Hour)
	insert(w.bolt, 10, 9, 0)
	clients = w.boss.Items("/msp/clients")
	acme, bolt := clients[0], clients[1]
	if acme["agents"] != 10.0 || acme["agents_online"] != 5.0 || acme["findings_critical"] != 1.0 || acme["compliance_score"] != 75.0 || acme["overdue_days"] != 5.0 {
		t.Errorf("acme with its site: %v", acme)
	}
	if why := fmt.Sprint(acme["needs_me"]); !strings.Contains(why, "5 of 10 agents are offline") || !strings.Contains(why, "critical") {
		t.Errorf("acme needs somebody because %s", why)
	}
	if why := fmt.Sprint(bolt["needs_me"]); why != "[]" {
		t.Errorf("bolt needs somebody because %s", why)
	}
	w.admin.Want(403, http.MethodGet, "/msp/clients", nil)
	w.admin.Want(404, http.MethodGet, "/msp/clients?tenant=msp", nil)
	page := w.boss.Want(200, http.MethodGet, "/msp/clients?limit=1", nil)
	if rest := w.boss.Items("/msp/clients?cursor=" + fmt.Sprint(page["next_cursor"])); len(rest) != 1 || rest[0]["name"] != "bolt" {
		t.Errorf("the second page: %v", rest)
	}
}
