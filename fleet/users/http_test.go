package users_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/alexedwards/argon2id"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/auth"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/mail"
	"github.com/tenantra/tenantra/fleet/pki"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/tenants"
	"github.com/tenantra/tenantra/fleet/users"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// The tests go through the real router with real sessions: sign-in, people, tenants and the audit log together.
type site struct {
	server *httptest.Server
	db     *postgres.DB
	users  *users.Service
	auth   *auth.Service
	mail   *mail.Service
}

// sealer stands for the sealing of fleet/pki, which has its own tests.
type sealer struct{}

func (sealer) Seal(secret []byte, p pki.Place) (string, error) {
	return p.Table + "." + p.Row + "." + base64.StdEncoding.EncodeToString(secret), nil
}

func (sealer) Open(text string, p pki.Place) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.TrimPrefix(text, p.Table+"."+p.Row+"."))
}

func newSite(t *testing.T) *site {
	t.Helper()
	return newSiteOn(t, pgtest.New(t))
}

func newSiteOn(t *testing.T, db *postgres.DB) *site {
	t.Helper()
	cheap := argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	mailer := mail.New(db, sealer{})
	authService, err := auth.New(db, auth.Config{KeyDir: t.TempDir(), Sealer: sealer{}, Mailer: mailer, PublicURL: "https://fleet.example:8443/", Cost: &cheap})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := authService.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { stop(); running.Wait() })
	s := &site{db: db, auth: authService, mail: mailer, users: users.NewService(db, authService)}
	api := httpapi.New(httpapi.Config{Auth: authService})
	authService.Routes(api)
	s.users.Routes(api)
	tenants.NewService(db, authService, nil).Routes(api)
	audit.NewService(db, nil).Routes(api)
	s.server = httptest.NewServer(api.Handler())
	t.Cleanup(s.server.Close)
	return s
}

const good = "correct horse battery staple"

// client is a signed-in person.
type client struct {
	t       *testing.T
	site    *site
	token   string
	cookies []*http.Cookie
}

// call sends JSON and gives status and body; match is an If-Match header.
func (c *client) call(method, path, body string, match ...string) (int, map[string]any) {
	c.t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.site.server.URL+path, reader)
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	for _, tag := range match {
		request.Header.Set("If-Match", tag)
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	for _, cookie := range c.cookies {
		request.AddCookie(cookie)
	}
	response, err := c.site.server.Client().Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if cookies := response.Cookies(); len(cookies) > 0 {
		c.cookies = cookies
	}
	var parsed map[string]any
	if len(text) > 0 && json.Unmarshal(text, &parsed) != nil {
		c.t.Fatalf("%s %s answers %s", method, path, text)
	}
	return response.StatusCode, parsed
}

// want checks the status and gives the body.
func (c *client) want(status int, method, path, body string, match ...string) map[string]any {
	c.t.Helper()
	got, parsed := c.call(method, path, body, match...)
	if got != status {
		c.t.Errorf("%s %s: %d %v, want %d", method, path, got, parsed, status)
	}
	return parsed
}

func (s *site) person(t *testing.T, scope access.Scope, email string, role access.Role) *client {
	t.Helper()
	scope.Role = access.SuperAdmin // whoever set the installation up
	_, once, err := s.users.Create(t.Context(), scope, users.New{Email: email, Name: "Somebody", Role: role})
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, site: s}
	c.signIn(email, once)
	body := c.want(200, http.MethodPost, "/api/v1/auth/password", fmt.Sprintf(`{"current_password":%q,"new_password":%q}`, once, good))
	c.token, _ = body["access_token"].(string)
	return c
}

func (c *client) signIn(email, password string) map[string]any {
	c.t.Helper()
	body := c.want(200, http.MethodPost, "/auth/login", fmt.Sprintf(`{"email":%q,"password":%q}`, email, password))
	c.token, _ = body["access_token"].(string)
	return body
}

func TestSignInFirst(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	password, err := s.auth.Bootstrap(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, site: s}
	c.want(401, http.MethodGet, "/me", "")
	body := c.signIn(auth.FirstAdmin, password)
	if body["must_change_password"] != true || body["expires_in"] != 600.0 {
		t.Errorf("sign-in answers %v", body)
	}
	c.want(403, http.MethodGet, "/api/v1/tenants", "")
	c.want(200, http.MethodGet, "/me", "")
	c.want(400, http.MethodPost, "/api/v1/auth/password", fmt.Sprintf(`{"current_password":%q,"new_password":"too short"}`, password))
	body = c.want(200, http.MethodPost, "/api/v1/auth/password", fmt.Sprintf(`{"current_password":%q,"new_password":%q}`, password, good))
	c.token, _ = body["access_token"].(string)
	c.want(200, http.MethodGet, "/api/v1/tenants", "")
	me := c.want(200, http.MethodGet, "/me", "")
	user, _ := me["user"].(map[string]any)
	tenant, _ := me["tenant"].(map[string]any)
	permissions, _ := me["permissions"].([]any)
	if user["email"] != auth.FirstAdmin || tenant["slug"] != "root" || me["role"] != "SUPER_ADMIN" || len(permissions) != len(access.Permissions()) {
		t.Errorf("/me answers %v", me)
	}
}

func TestCookie(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.person(t, pgtest.Tenant(t, s.db, "alpha"), "ann@alpha.example", access.Manager)
	if len(c.cookies) != 1 {
		t.Fatalf("cookies %v", c.cookies)
	}
	cookie := c.cookies[0]
	if cookie.Name != "__Host-tenantra" || !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Path != "/" || cookie.Domain != "" {
		t.Errorf("the cookie is %v", cookie)
	}
	// The cookie alone is worth nothing to calls of the API.
	token := c.token
	c.token = ""
	c.want(401, http.MethodGet, "/me", "")
	body := c.want(200, http.MethodPost, "/api/v1/auth/refresh", "{}")
	if c.token, _ = body["access_token"].(string); c.token == "" || c.cookies[0].Value == cookie.Value {
		t.Errorf("refresh answers %v, cookie %v", body, c.cookies)
	}
	c.want(200, http.MethodGet, "/me", "")
	c.want(204, http.MethodPost, "/api/v1/auth/logout", "{}")
	if c.cookies[0].MaxAge >= 0 {
		t.Errorf("after logout the cookie is %v", c.cookies[0])
	}
	c.want(401, http.MethodGet, "/me", "")
	c.token = token
	c.want(401, http.MethodGet, "/me", "")
	c.cookies = nil
	c.want(401, http.MethodPost, "/api/v1/auth/refresh", "{}")
}

func TestPeople(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	alpha, beta := pgtest.Tenant(t, s.db, "alpha"), pgtest.Tenant(t, s.db, "beta")
	child := pgtest.Tenant(t, s.db, "child", alpha.Tenant)
	admin := s.person(t, alpha, "admin@alpha.example", access.Admin)
	manager := s.person(t, alpha, "manager@alpha.example", access.Manager)
	reader := s.person(t, alpha, "reader@alpha.example", access.ReadOnly)
	stranger := s.person(t, beta, "admin@beta.example", access.Admin)

	create := func(email, role, more string) string {
		return fmt.Sprintf(`{"email":%q,"name":"New","role":%q%s}`, email, role, more)
	}
	for _, test := range []struct {
		name   string
		who    *client
		body   string
		status int
	}{
		{"an administrator adds", admin, create("new@alpha.example", "USER", ""), 201},
		{"in a tenant below", admin, create("new@child.example", "USER", fmt.Sprintf(`,"tenant_id":%q`, child.TenantID)), 201},
		{"a manager may not", manager, create("x@alpha.example", "USER", ""), 403},
		{"nor a reader", reader, create("x@alpha.example", "USER", ""), 403},
		{"no role above one's own", admin, create("x@alpha.example", "MSP_ADMIN", ""), 403},
		{"least of all the highest", admin, create("x@alpha.example", "SUPER_ADMIN", ""), 403},
		{"not elsewhere", admin, create("x@alpha.example", "USER", fmt.Sprintf(`,"tenant_id":%q`, beta.TenantID)), 404},
		{"address taken", admin, create("new@alpha.example", "USER", ""), 409},
		{"address taken in another tenant", admin, create("admin@beta.example", "USER", ""), 409},
		{"address in other case", admin, create("NEW@alpha.example", "USER", ""), 409},
		{"no address", admin, create("nobody", "USER", ""), 400},
		{"two addresses", admin, create("a@b.example, c@d.example", "USER", ""), 400},
		{"unknown role", admin, create("x@alpha.example", "ROOT", ""), 400},
		{"unknown field", admin, create("x@alpha.example", "USER", `,"status":"active"`), 400},
		{"no name", admin, `{"email":"x@alpha.example","name":" ","role":"USER"}`, 400},
	} {
		body := test.who.want(test.status, http.MethodPost, "/api/v1/users", test.body)
		if test.status == 201 && (body["one_time_password"] == nil || body["user"] == nil) {
			t.Errorf("%s: %v", test.name, body)
		}
	}

	// Lists: one's own tenant, or the subtree; a reader does not see people at all.
	emails := func(c *client, query string) string {
		t.Helper()
		var found []string
		items, _ := c.want(200, http.MethodGet, "/api/v1/users"+query, "")["items"].([]any)
		for _, item := range items {
			user, _ := item.(map[string]any)
			found = append(found, fmt.Sprint(user["email"]))
		}
		return strings.Join(found, " ")
	}
	if got := emails(admin, ""); got != "admin@alpha.example manager@alpha.example new@alpha.example reader@alpha.example" {
		t.Errorf("alpha's people: %s", got)
	}
	if got := emails(admin, "?recursive=true"); !strings.Contains(got, "new@child.example") {
		t.Errorf("alpha's subtree: %s", got)
	}
	if got := emails(stranger, "?recursive=true"); got != "admin@beta.example" {
		t.Errorf("beta's people: %s", got)
	}
	reader.want(403, http.MethodGet, "/api/v1/users", "")
	stranger.want(404, http.MethodGet, "/api/v1/users?tenant=alpha", "")
	page := admin.want(200, http.MethodGet, "/api/v1/users?limit=2", "")
	if got := emails(admin, "?limit=2&cursor="+fmt.Sprint(page["next_cursor"])); got != "new@alpha.example reader@alpha.example" {
		t.Errorf("the second page: %s", got)
	}
	admin.want(400, http.MethodGet, "/api/v1/users?cursor=%22;--", "")
	admin.want(400, http.MethodGet, "/api/v1/users?limit=501", "")
}

// TestDeactivation is S7 for the last administrator, and for people above who asks.
func TestDeactivation(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	alpha, beta := pgtest.Tenant(t, s.db, "alpha"), pgtest.Tenant(t, s.db, "beta")
	admin := s.person(t, alpha, "admin@alpha.example", access.Admin)
	user := s.person(t, alpha, "user@alpha.example", access.User)
	above := s.person(t, alpha, "msp@alpha.example", access.MSPAdmin)
	stranger := s.person(t, beta, "admin@beta.example", access.Admin)
	id := func(c *client) string {
		t.Helper()
		me, _ := c.want(200, http.MethodGet, "/me", "")["user"].(map[string]any)
		return fmt.Sprint(me["id"])
	}
	deactivate := func(c *client, id string, status int) {
		t.Helper()
		c.want(status, http.MethodPost, "/api/v1/users/"+id+"/deactivate", "")
	}
	userID, adminID := id(user), id(admin)
	deactivate(user, adminID, 403)
	deactivate(stranger, userID, 404)
	deactivate(admin, adminID, 409)
	deactivate(admin, id(above), 403)
	deactivate(admin, "not-an-id", 400)
	deactivate(admin, userID, 200)
	deactivate(admin, userID, 200) // again: nothing to do
	user.want(401, http.MethodPost, "/api/v1/auth/refresh", "{}")
	if status, _ := user.call(http.MethodPost, "/api/v1/auth/login", fmt.Sprintf(`{"email":"user@alpha.example","password":%q}`, good)); status != 401 {
		t.Errorf("a deactivated person signs in: %d", status)
	}
	// The last administrator stays, whoever asks.
	root, err := s.auth.Bootstrap(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	super := &client{t: t, site: s}
	super.signIn(auth.FirstAdmin, root)
	body := super.want(200, http.MethodPost, "/api/v1/auth/password", fmt.Sprintf(`{"current_password":%q,"new_password":%q}`, root, good))
	super.token, _ = body["access_token"].(string)
	super.want(409, http.MethodPost, "/api/v1/users/"+id(stranger)+"/deactivate?tenant=beta", "")

	// All of it is in the audit log, which proves to be whole.
	items, _ := admin.want(200, http.MethodGet, "/api/v1/audit?action=users.deactivate", "")["items"].([]any)
	if len(items) != 1 || !strings.Contains(fmt.Sprint(items[0]), "user:"+userID) || !strings.Contains(fmt.Sprint(items[0]), "admin@alpha.example") {
		t.Errorf("the log tells of %v", items)
	}
	if verdict := admin.want(200, http.MethodGet, "/api/v1/audit/verify", ""); verdict["ok"] != true {
		t.Errorf("the log is %v", verdict)
	}
	user.token = ""
	admin.want(404, http.MethodGet, "/api/v1/audit?tenant=beta", "")
}

func TestTenants(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	msp, other := pgtest.Tenant(t, s.db, "msp"), pgtest.Tenant(t, s.db, "other")
	boss := s.person(t, msp, "boss@msp.example", access.MSPAdmin)
	admin := s.person(t, other, "admin@other.example", access.Admin)

	create := func(slug, more string) string {
		return fmt.Sprintf(`{"name":"Tenant %s","slug":%q,"plan":"basic"%s}`, slug, slug, more)
	}
	made := boss.want(201, http.MethodPost, "/api/v1/tenants", create("customer", ""))
	if made["parent_id"] != msp.TenantID.String() || made["depth"] != 2.0 || made["slug"] != "customer" {
		t.Errorf("made %v", made)
	}
	for _, test := range []struct {
		name   string
		who    *client
		body   string
		status int
	}{
		{"below a plan without sub-tenants", boss, create("site", fmt.Sprintf(`,"parent_id":%q`, made["id"])), 403},
		{"slug taken", boss, create("customer", ""), 409},
		{"slug with capitals", boss, create("Cust_omer", ""), 400},
		{"slug reserved", boss, create("api", ""), 400},
		{"slug like an id", boss, create("01977000-0000-7000-8000-000000000001", ""), 400},
		{"below another's tenant", boss, create("x", fmt.Sprintf(`,"parent_id":%q`, other.TenantID)), 404},
		{"unknown plan", boss, `{"name":"x","slug":"x","plan":"gold"}`, 400},
		{"by an administrator", admin, create("x", ""), 403},
	} {
		if status, body := test.who.call(http.MethodPost, "/api/v1/tenants", test.body); status != test.status {
			t.Errorf("%s: %d %v, want %d", test.name, status, body, test.status)
		}
	}
	boss.want(201, http.MethodPost, "/api/v1/tenants", `{"name":"Second","slug":"second","plan":"pro"}`)

	slugs := func(c *client, query string) string {
		t.Helper()
		var found []string
		items, _ := c.want(200, http.MethodGet, "/tenants"+query, "")["items"].([]any)
		for _, item := range items {
			tenant, _ := item.(map[string]any)
			found = append(found, fmt.Sprint(tenant["slug"]))
		}
		return strings.Join(found, " ")
	}
	if got := slugs(boss, ""); got != "msp second customer" {
		t.Errorf("the MSP sees %s", got)
	}
	if got := slugs(admin, ""); got != "other" {
		t.Errorf("the other sees %s", got)
	}
	page := boss.want(200, http.MethodGet, "/tenants?limit=1", "")
	if got := slugs(boss, "?cursor="+fmt.Sprint(page["next_cursor"])); got != "second customer" {
		t.Errorf("after the first page: %s", got)
	}
	// A new tenant can be acted in at once.
	boss.want(200, http.MethodGet, "/me?tenant=second", "")
	admin.want(404, http.MethodGet, "/me?tenant=second", "")
}

// S58: whoever reads the database, or a dump of it, finds nothing to sign in with.
func TestDatabaseHoldsNoSecret(t *testing.T) {
	t.Parallel()
	db, admin := pgtest.NewWithAdmin(t)
	s := newSiteOn(t, db)
	once, err := s.auth.Bootstrap(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, site: s}
	c.signIn(auth.FirstAdmin, once)
	canaries := []string{once, good, "a wrong password that was typed", c.token, c.cookies[0].Value}
	body := c.want(200, http.MethodPost, "/api/v1/auth/password", fmt.Sprintf(`{"current_password":%q,"new_password":%q}`, once, good))
	c.token, _ = body["access_token"].(string)
	canaries = append(canaries, c.token, c.cookies[0].Value)
	c.want(200, http.MethodPost, "/api/v1/auth/refresh", "{}")
	canaries = append(canaries, c.cookies[0].Value)
	c.call(http.MethodPost, "/api/v1/auth/login", fmt.Sprintf(`{"email":%q,"password":"a wrong password that was typed"}`, auth.FirstAdmin))
	made := c.want(201, http.MethodPost, "/api/v1/users", `{"email":"ann@root.example","name":"Ann","role":"USER"}`)
	canaries = append(canaries, fmt.Sprint(made["one_time_password"]))
	for _, token := range canaries {
		if secret, err := protocol.ParseToken("tnr_", token); err == nil {
			canaries = append(canaries, hex.EncodeToString(secret))
		}
	}

	rows, err := admin.Query(t.Context(), `SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname IN ('tenantra', 'keeper') AND c.relkind = 'r'`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	held := false
	for _, table := range tables {
		var text string
		if err := admin.QueryRow(t.Context(), `SELECT coalesce(string_agg(t::text, ' '), '') FROM `+table+` t`).Scan(&text); err != nil {
			t.Fatal(err)
		}
		held = held || strings.Contains(text, "ann@root.example")
		for _, canary := range canaries {
			if strings.Contains(text, canary) {
				t.Errorf("%s holds %q", table, canary)
			}
		}
	}
	if !held {
		t.Error("the search did not find what must be there")
	}
}
