// Package authtest gives tests of features an API with real sign-in and people: requests go through the real router, are
// judged by real roles, and change a real database.
package authtest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/pquerna/otp/totp"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/auth"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/pki"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/replay"
	"github.com/tenantra/tenantra/fleet/tenants"
	"github.com/tenantra/tenantra/fleet/users"
)

// Password is everybody's.
const Password = "correct horse battery staple"

// Clock is a time that tests move.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Sealer stands for the sealing of fleet/pki, which has its own tests: what it gives is bound to its place.
type Sealer struct{}

// Seal encodes.
func (Sealer) Seal(secret []byte, p pki.Place) (string, error) {
	return p.Table + "." + p.Row + "." + base64.StdEncoding.EncodeToString(secret), nil
}

// Open decodes.
func (Sealer) Open(text string, p pki.Place) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.TrimPrefix(text, p.Table+"."+p.Row+"."))
}

// Site is an installation with sign-in, people, tenants and audit log.
type Site struct {
	T       *testing.T
	DB      *postgres.DB
	Auth    *auth.Service
	Users   *users.Service
	Tenants *tenants.Service
	Clock   *Clock
	Server  *httptest.Server
	// Support is asked whether those above may act in a tenant; nil: always. Set it before the first request.
	Support func(ctx context.Context, tenant int32) (bool, error)
}

// New makes a site on an empty database; more registers the routes that are tested.
func New(t *testing.T, config httpapi.Config, more func(s *Site, api *httpapi.API)) *Site {
	t.Helper()
	s := &Site{T: t, DB: pgtest.New(t), Clock: &Clock{now: time.Now().UTC()}}
	var err error
	cheap := argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	s.Auth, err = auth.New(s.DB, auth.Config{KeyDir: t.TempDir(), Sealer: Sealer{}, Cost: &cheap, Now: s.Clock.Now,
		Support: func(ctx context.Context, tenant int32) (bool, error) {
			if s.Support == nil {
				return true, nil
			}
			return s.Support(ctx, tenant)
		}})
	if err != nil {
		t.Fatal(err)
	}
	s.Users, s.Tenants = users.NewService(s.DB, s.Auth), tenants.NewService(s.DB, s.Auth, nil)
	config.Auth, config.Now, config.Replays = s.Auth, s.Clock.Now, replay.New(s.DB, Sealer{})
	api := httpapi.New(config)
	s.Auth.Routes(api)
	s.Users.Routes(api)
	s.Tenants.Routes(api)
	audit.NewService(s.DB, nil).Routes(api)
	if more != nil {
		more(s, api)
	}
	s.Server = httptest.NewServer(api.Handler())
	t.Cleanup(s.Server.Close)
	return s
}

// Client is somebody who calls.
type Client struct {
	Site  *Site
	Email string
	Token string
	Code  func() string // of the second factor, where there is one
}

// Person adds somebody to the scope's tenant and signs them in.
func (s *Site) Person(scope access.Scope, email string, role access.Role) *Client {
	s.T.Helper()
	scope.Role = access.SuperAdmin // whoever set the installation up
	_, once, err := s.Users.Create(s.T.Context(), scope, users.New{Email: email, Name: "Somebody", Role: role})
	if err != nil {
		s.T.Fatal(err)
	}
	c := &Client{Site: s, Email: email}
	body := c.Want(200, http.MethodPost, "/auth/login", map[string]any{"email": email, "password": once})
	c.Token, _ = body["access_token"].(string)
	body = c.Want(200, http.MethodPost, "/auth/password", map[string]any{"current_password": once, "new_password": Password})
	c.Token, _ = body["access_token"].(string)
	return c
}

// SignIn starts a new session.
func (c *Client) SignIn() {
	c.Site.T.Helper()
	with := map[string]any{"email": c.Email, "password": Password}
	if c.Code != nil {
		with["code"] = c.Code()
	}
	body := c.Want(200, http.MethodPost, "/auth/login", with)
	c.Token, _ = body["access_token"].(string)
}

// Enrol sets a second factor up, as powerful people need it for what is dangerous.
func (c *Client) Enrol() {
	t := c.Site.T
	t.Helper()
	secret, _ := c.Want(201, http.MethodPost, "/me/totp", nil)["secret"].(string)
	c.Code = func() string {
		code, err := totp.GenerateCode(secret, c.Site.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	c.Want(200, http.MethodPost, "/me/totp/confirm", map[string]any{"code": c.Code()})
	c.Site.Clock.Advance(time.Minute)
}

// ID is the caller's public id.
func (c *Client) ID() string {
	c.Site.T.Helper()
	user, _ := c.Want(200, http.MethodGet, "/me", nil)["user"].(map[string]any)
	id, _ := user["id"].(string)
	return id
}

// Call sends JSON to an address below /api/v1 and gives status, header and body. Headers are name, value, name, value.
func (c *Client) Call(method, path string, body any, headers ...string) (int, http.Header, string) {
	t := c.Site.T
	t.Helper()
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		reader = strings.NewReader(string(text))
	}
	request, err := http.NewRequestWithContext(context.Background(), method, c.Site.Server.URL+"/api/v1"+path, reader)
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.Token != "" {
		request.Header.Set("Authorization", "Bearer "+c.Token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := c.Site.Server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(text)
}

// Want is Call that checks the status and gives the body as JSON.
func (c *Client) Want(status int, method, path string, body any, headers ...string) map[string]any {
	t := c.Site.T
	t.Helper()
	got, _, text := c.Call(method, path, body, headers...)
	if got != status {
		t.Errorf("%s %s: %d %s, want %d", method, path, got, text, status)
	}
	var parsed map[string]any
	if text != "" && json.Unmarshal([]byte(text), &parsed) != nil {
		t.Errorf("%s %s answers %s", method, path, text)
	}
	return parsed
}

// Items gives the items of a list.
func (c *Client) Items(path string) []map[string]any {
	c.Site.T.Helper()
	list, _ := c.Want(200, http.MethodGet, path, nil)["items"].([]any)
	items := make([]map[string]any, len(list))
	for i := range list {
		items[i], _ = list[i].(map[string]any)
	}
	return items
}

// Eventually waits until done, at most the five seconds in which the product promises that rights change.
func Eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		if time.Now().After(deadline) {
			t.Fatal("not within five seconds: " + what)
		}
		<-tick.C
	}
}
