package tokens_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/auth"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/tenants"
	"github.com/tenantra/tenantra/fleet/tokens"
	"github.com/tenantra/tenantra/fleet/users"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type site struct {
	t      *testing.T
	db     *postgres.DB
	auth   *auth.Service
	users  *users.Service
	clock  *clock
	server *httptest.Server
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, db: pgtest.New(t), clock: &clock{now: time.Now().UTC()}}
	var err error
	cheap := argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	if s.auth, err = auth.New(s.db, auth.Config{KeyDir: t.TempDir(), Cost: &cheap, Now: s.clock.Now}); err != nil {
		t.Fatal(err)
	}
	s.users = users.NewService(s.db, s.auth)
	api := httpapi.New(httpapi.Config{Auth: s.auth, Now: s.clock.Now})
	s.auth.Routes(api)
	s.users.Routes(api)
	tenants.NewService(s.db, s.auth, nil).Routes(api)
	tokens.NewKeeper(s.db, s.auth).Routes(api)
	s.server = httptest.NewServer(api.Handler())
	t.Cleanup(s.server.Close)
	return s
}

const good = "correct horse battery staple"

// person adds somebody and gives their access token.
func (s *site) person(scope access.Scope, email string, role access.Role) string {
	s.t.Helper()
	scope.Role = access.SuperAdmin
	_, once, err := s.users.Create(s.t.Context(), scope, users.New{Email: email, Name: "Somebody", Role: role})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.signIn(email, once)
}

func (s *site) signIn(email, password string) string {
	s.t.Helper()
	_, body := s.call("", http.MethodPost, "/auth/login", map[string]any{"email": email, "password": password})
	bearer, _ := body["access_token"].(string)
	if body["must_change_password"] == true {
		_, body = s.call(bearer, http.MethodPost, "/auth/password", map[string]any{"current_password": password, "new_password": good})
		bearer, _ = body["access_token"].(string)
	}
	if bearer == "" {
		s.t.Fatalf("%s does not get in: %v", email, body)
	}
	return bearer
}

func (s *site) call(bearer, method, path string, body any) (int, map[string]any) {
	s.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(context.Background(), method, s.server.URL+"/api/v1"+path, strings.NewReader(string(text)))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if bearer != "" {
		request.Header.Set("Authorization", "Bearer "+bearer)
	}
	response, err := s.server.Client().Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	var parsed map[string]any
	if len(content) > 0 && json.Unmarshal(content, &parsed) != nil {
		s.t.Fatalf("%s %s answers %s", method, path, content)
	}
	return response.StatusCode, parsed
}

func (s *site) want(status int, bearer, method, path string, body any) map[string]any {
	s.t.Helper()
	got, parsed := s.call(bearer, method, path, body)
	if got != status {
		s.t.Errorf("%s %s: %d %v, want %d", method, path, got, parsed, status)
	}
	return parsed
}

// made gives id and secret of a token that was just made.
func made(t *testing.T, body map[string]any) (id, secret string) {
	t.Helper()
	token, _ := body["token"].(map[string]any)
	secret, _ = body["secret"].(string)
	if token == nil || !strings.HasPrefix(secret, "tnt_") || !strings.HasSuffix(secret, fmt.Sprint(token["hint"])) {
		t.Fatalf("no token was made: %v", body)
	}
	return fmt.Sprint(token["id"]), secret
}

func TestPersonalTokenDoesWhatItsScopesAndItsOwnerBothAllow(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	alpha, beta := pgtest.Tenant(t, s.db, "alpha"), pgtest.Tenant(t, s.db, "beta")
	site := pgtest.Tenant(t, s.db, "site", alpha.Tenant)
	admin := s.person(alpha, "ann@alpha.example", access.Admin)
	id, narrow := made(t, s.want(201, admin, http.MethodPost, "/me/tokens", map[string]any{"name": "reads people", "permissions": []string{"users.read"}}))
	_, wide := made(t, s.want(201, admin, http.MethodPost, "/me/tokens", map[string]any{"name": "all"}))
	_, below := made(t, s.want(201, admin, http.MethodPost, "/me/tokens?tenant=site", map[string]any{"name": "of the site"}))
	newcomer := map[string]any{"email": "new@alpha.example", "name": "New", "role": "USER"}
	for _, test := range []struct {
		name, bearer, method, path string
		body                       any
		status                     int
	}{
		{"what it is for", narrow, http.MethodGet, "/users", nil, 200},
		{"in a tenant below", narrow, http.MethodGet, "/users?tenant=site", nil, 200},
		{"who it is", narrow, http.MethodGet, "/me", nil, 200},
		{"outside of its scopes", narrow, http.MethodPost, "/users", newcomer, 403},
		{"another tenant", narrow, http.MethodGet, "/users?tenant=beta", nil, 404},
		{"another tenant by id", wide, http.MethodGet, "/users?tenant=" + beta.TenantID.String(), nil, 404},
		{"no token makes tokens", wide, http.MethodPost, "/me/tokens", map[string]any{"name": "x"}, 403},
		{"nor for services", wide, http.MethodPost, "/tokens", map[string]any{"name": "x", "role": "USER"}, 403},
		{"nor lists them", wide, http.MethodGet, "/me/tokens", nil, 403},
		{"nor sets a password", wide, http.MethodPost, "/auth/password", map[string]any{"current_password": good, "new_password": good + "!"}, 403},
		{"all that the owner may", wide, http.MethodPost, "/users", newcomer, 201},
		{"no role above the owner's", wide, http.MethodPost, "/users", map[string]any{"email": "x@alpha.example", "name": "X", "role": "MSP_ADMIN"}, 403},
		{"not above its tenant", below, http.MethodGet, "/users?tenant=alpha", nil, 404},
		{"in its tenant", below, http.MethodGet, "/users", nil, 200},
		{"a guess", "tnt_AAAA", http.MethodGet, "/me", nil, 401},
		{"another kind of token", "tnr_" + narrow[4:], http.MethodGet, "/me", nil, 401},
	} {
		if got, body := s.call(test.bearer, test.method, test.path, test.body); got != test.status {
			t.Errorf("%s: %d %v, want %d", test.name, got, body, test.status)
		}
	}
	_ = site
	// What its owner loses it loses: here, everything.
	body := s.want(200, admin, http.MethodGet, "/me/tokens", nil)
	items, _ := body["items"].([]any)
	if len(items) != 3 || !strings.Contains(fmt.Sprint(items), "last_used_at:2") || strings.Contains(fmt.Sprint(items), narrow) {
		t.Errorf("own tokens: %v", items)
	}
	second := s.person(alpha, "bob@alpha.example", access.Admin)
	items, _ = s.want(200, second, http.MethodGet, "/tokens?recursive=true", nil)["items"].([]any)
	if len(items) != 3 {
		t.Errorf("the tenant's tokens: %v", items)
	}
	me := s.want(200, admin, http.MethodGet, "/me", nil)
	user, _ := me["user"].(map[string]any)
	s.want(204, second, http.MethodDelete, "/tokens/"+id, nil)
	s.want(401, narrow, http.MethodGet, "/me", nil)
	s.want(404, s.person(beta, "eve@beta.example", access.Admin), http.MethodDelete, "/tokens/"+id, nil)
	s.want(200, second, http.MethodPost, fmt.Sprintf("/users/%v/deactivate", user["id"]), nil)
	eventually(t, "a deactivated person's token ends", func() bool { got, _ := s.call(wide, http.MethodGet, "/me", nil); return got == 401 })
}

func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(5 * time.Second) // what the product promises
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		if time.Now().After(deadline) {
			t.Fatal("not within five seconds: " + what)
		}
		<-tick.C
	}
}

func TestServiceTokenHasARoleOfItsOwn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	alpha := pgtest.Tenant(t, s.db, "alpha")
	pgtest.Tenant(t, s.db, "site", alpha.Tenant)
	admin := s.person(alpha, "ann@alpha.example", access.Admin)
	manager := s.person(alpha, "max@alpha.example", access.Manager)
	create := func(who string, status int, more map[string]any) map[string]any {
		t.Helper()
		body := map[string]any{"name": "robot", "role": "MANAGER"}
		for key, value := range more {
			body[key] = value
		}
		return s.want(status, who, http.MethodPost, "/tokens", body)
	}
	create(manager, 403, nil)
	create(admin, 400, map[string]any{"role": "MSP_ADMIN"})
	create(admin, 400, map[string]any{"permissions": []string{"users.manage"}}) // the role lacks it
	create(admin, 400, map[string]any{"permissions": []string{"self.manage"}})
	create(admin, 400, map[string]any{"permissions": []string{"no.such"}})
	create(admin, 400, map[string]any{"addresses": []string{"everywhere"}})
	create(admin, 400, map[string]any{"expires_in_days": 366})
	_, robot := made(t, create(admin, 201, nil))
	body := s.want(200, robot, http.MethodGet, "/users?recursive=true", nil)
	if items, _ := body["items"].([]any); len(items) != 2 {
		t.Errorf("the robot lists %v", items)
	}
	s.want(200, robot, http.MethodGet, "/tenants?tenant=site", nil)
	s.want(403, robot, http.MethodPost, "/users", map[string]any{"email": "x@alpha.example", "name": "X", "role": "USER"})
	if me := s.want(200, robot, http.MethodGet, "/me", nil); me["role"] != "MANAGER" || !strings.Contains(fmt.Sprint(me["user"]), "robot") {
		t.Errorf("the robot is %v", me)
	}
	_, local := made(t, create(admin, 201, map[string]any{"addresses": []string{"127.0.0.0/8", "::1"}}))
	s.want(200, local, http.MethodGet, "/me", nil)
	_, elsewhere := made(t, create(admin, 201, map[string]any{"addresses": []string{"192.0.2.7"}}))
	s.want(401, elsewhere, http.MethodGet, "/me", nil)
	// An hour later making another wants the password again; a year later the token has expired.
	s.clock.advance(9 * time.Minute)
	create(admin, 201, nil)
}

func TestTokensExpireAndWantAFreshSignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	alpha := pgtest.Tenant(t, s.db, "alpha")
	admin := s.person(alpha, "ann@alpha.example", access.Admin)
	_, robot := made(t, s.want(201, admin, http.MethodPost, "/tokens", map[string]any{"name": "robot", "role": "READONLY", "expires_in_days": 1}))
	s.clock.advance(11 * time.Minute)
	admin = s.refreshed("ann@alpha.example")
	s.clock.advance(9 * time.Minute)
	s.want(201, admin, http.MethodPost, "/tokens", map[string]any{"name": "another", "role": "READONLY"})
	s.clock.advance(90 * time.Second)
	if got, body := s.call(admin, http.MethodPost, "/tokens", map[string]any{"name": "late", "role": "READONLY"}); got != 401 && body["code"] != "step_up_required" {
		t.Errorf("long after the sign-in: %d %v", got, body)
	}
	s.want(200, robot, http.MethodGet, "/me", nil)
	s.clock.advance(24 * time.Hour)
	eventually(t, "an expired token ends", func() bool { got, _ := s.call(robot, http.MethodGet, "/me", nil); return got == 401 })
}

// refreshed signs in anew.
func (s *site) refreshed(email string) string {
	s.t.Helper()
	return s.signIn(email, good)
}

func TestTokensNeedATierThatHasThem(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	alpha := pgtest.Tenant(t, s.db, "alpha")
	admin := s.person(alpha, "ann@alpha.example", access.Admin)
	_, robot := made(t, s.want(201, admin, http.MethodPost, "/tokens", map[string]any{"name": "robot", "role": "READONLY"}))
	s.want(200, robot, http.MethodGet, "/me", nil)
	err := s.db.InScope(t.Context(), access.System(alpha.Tenant, "test"), func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE tenants SET plan = 'basic' WHERE id = $1`, alpha.Tenant)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the plan's loss reaches the token", func() bool {
		got, body := s.call(robot, http.MethodGet, "/me", nil)
		return got == 403 && body["code"] == "tier_required" && strings.Contains(fmt.Sprint(body["detail"]), "pro")
	})
	if got, body := s.call(admin, http.MethodPost, "/me/tokens", map[string]any{"name": "x"}); got != 403 || body["code"] != "tier_required" {
		t.Errorf("a token on plan basic: %d %v", got, body)
	}
}
