package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
)

// fakeAuth knows one token for each role, written "token-ROLE".
type fakeAuth struct {
	ended      atomic.Bool
	mustChange bool
}

func (f *fakeAuth) Authenticate(_ context.Context, bearer, tenant string, recursive bool, address string) (httpapi.Caller, error) {
	role, known := strings.CutPrefix(bearer, "token-")
	if !known {
		return httpapi.Caller{}, fault.New(fault.Unauthenticated, "the token does not hold")
	}
	if tenant == "elsewhere" {
		return httpapi.Caller{}, fault.New(fault.NotFound, "there is no such tenant")
	}
	visible := []int32{7}
	if recursive {
		visible = append(visible, 8)
	}
	scope := access.Scope{Tenant: 7, Visible: visible, Role: access.Role(role), Tier: access.Free, Actor: access.Actor{Kind: access.KindUser, ID: uuid.New(), Address: address}}
	return httpapi.Caller{Scope: scope, MustChangePassword: f.mustChange}, nil
}

func (f *fakeAuth) Alive(context.Context, access.Scope) error {
	if f.ended.Load() {
		return fault.New(fault.Unauthenticated, "the session has ended")
	}
	return nil
}

type thing struct {
	Name string `json:"name" minLength:"2" maxLength:"10"`
	Size int    `json:"size,omitempty"`
}

type thingInput struct{ Body thing }
type thingOutput struct{ Body thing }
type nothing struct{}

func newAPI(t *testing.T, config httpapi.Config) (*httpapi.API, *httptest.Server) {
	t.Helper()
	if config.Auth == nil {
		config.Auth = &fakeAuth{}
	}
	api := httpapi.New(config)
	httpapi.Register(api, httpapi.Operation{
		ID: "make-thing", Method: http.MethodPost, Path: "/things", Summary: "Make a thing", Permission: access.AgentsManage, Audit: "things.make",
	}, func(_ context.Context, _ access.Scope, in *thingInput) (*thingOutput, error) {
		return &thingOutput{Body: in.Body}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "see-scope", Method: http.MethodGet, Path: "/scope", Summary: "See", Permission: access.AgentsRead, Recursive: true,
	}, func(_ context.Context, scope access.Scope, _ *nothing) (*struct{ Body int }, error) {
		return &struct{ Body int }{len(scope.Visible)}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "see-alerts", Method: http.MethodGet, Path: "/alerts", Summary: "See", Permission: access.AgentsRead, Feature: access.Alerts,
	}, func(context.Context, access.Scope, *nothing) (*nothing, error) { return &nothing{}, nil })
	httpapi.Register(api, httpapi.Operation{
		ID: "see-address", Method: http.MethodGet, Path: "/address", Summary: "See", Public: true,
	}, func(_ context.Context, scope access.Scope, _ *nothing) (*struct{ Body string }, error) {
		return &struct{ Body string }{scope.Actor.Address}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "fail", Method: http.MethodGet, Path: "/fail", Summary: "Fail", Public: true,
	}, func(context.Context, access.Scope, *nothing) (*nothing, error) {
		return nil, errors.New(`relation "tenantra.secrets" does not exist`)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "panic", Method: http.MethodGet, Path: "/panic", Summary: "Panic", Public: true,
	}, func(context.Context, access.Scope, *nothing) (*nothing, error) { panic("invariant of table secrets") })
	httpapi.Register(api, httpapi.Operation{
		ID: "agent-call", Method: http.MethodPost, Path: "/agent/heartbeat", Summary: "Agent", AgentAuth: true,
	}, func(context.Context, access.Scope, *nothing) (*nothing, error) { return &nothing{}, nil })
	httpapi.Register(api, httpapi.Operation{
		ID: "login", Method: http.MethodPost, Path: "/auth/login", Summary: "Login", Public: true, Audit: "auth.login",
	}, func(context.Context, access.Scope, *struct{}) (*nothing, error) { return &nothing{}, nil })
	httpapi.Register(api, httpapi.Operation{
		ID: "me", Method: http.MethodGet, Path: "/me", Summary: "Me", Permission: access.SelfManage,
	}, func(context.Context, access.Scope, *nothing) (*struct{ Body string }, error) {
		return &struct{ Body string }{"me"}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "follow", Method: http.MethodGet, Path: "/follow", Summary: "Follow", Permission: access.AgentsRead, Stream: true,
	}, func(context.Context, access.Scope, *nothing) (*httpapi.Stream, error) {
		return httpapi.NDJSON(func(ctx context.Context, send func(any) error) error {
			if err := send(map[string]string{"type": "first"}); err != nil {
				return err
			}
			<-ctx.Done()
			return ctx.Err()
		}), nil
	})
	server := httptest.NewServer(api.Handler())
	t.Cleanup(server.Close)
	return api, server
}

type call struct {
	method, path, token, body string
	header                    map[string]string
}

func do(t *testing.T, server *httptest.Server, c call) (*http.Response, string) {
	t.Helper()
	if c.method == "" {
		c.method = http.MethodGet
	}
	r, err := http.NewRequestWithContext(t.Context(), c.method, server.URL+c.path, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range c.header {
		r.Header.Set(name, value)
	}
	response, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

// TestCalls is S51 and S53 at the server: other sites, cookies of the wrong kind, what answers without sign-in.
func TestCalls(t *testing.T) {
	t.Parallel()
	_, server := newAPI(t, httpapi.Config{})
	const post = http.MethodPost
	for _, test := range []struct {
		name   string
		call   call
		status int
		want   string // in the body
	}{
		{"allowed", call{post, "/api/v1/things", "token-ADMIN", `{"name":"lamp"}`, nil}, 200, `"name":"lamp"`},
		{"no token", call{post, "/api/v1/things", "", `{"name":"lamp"}`, nil}, 401, `"code":"unauthenticated"`},
		{"bad token", call{post, "/api/v1/things", "stolen", `{"name":"lamp"}`, nil}, 401, `"code":"unauthenticated"`},
		{"token of 1 MiB is cut off by the header limit or refused", call{post, "/api/v1/things", strings.Repeat("x", 9000), `{"name":"lamp"}`, nil}, 401, `"code":"unauthenticated"`},
		{"role too weak", call{post, "/api/v1/things", "token-READONLY", `{"name":"lamp"}`, nil}, 403, `agents.manage`},
		{"rights before input", call{post, "/api/v1/things", "token-READONLY", `{`, nil}, 403, `agents.manage`},
		{"tier too small", call{"", "/api/v1/alerts", "token-ADMIN", "", nil}, 403, `free does not have alerts; basic has it`},
		{"unknown field", call{post, "/api/v1/things", "token-ADMIN", `{"name":"lamp","role":"ADMIN"}`, nil}, 400, `"location":"body.role"`},
		{"field too short", call{post, "/api/v1/things", "token-ADMIN", `{"name":"l"}`, nil}, 400, `"location":"body.name"`},
		{"field missing", call{post, "/api/v1/things", "token-ADMIN", `{}`, nil}, 400, `name`},
		{"wrong type", call{post, "/api/v1/things", "token-ADMIN", `{"name":"lamp","size":"big"}`, nil}, 400, `"location":"body.size"`},
		{"no JSON", call{post, "/api/v1/things", "token-ADMIN", `name=lamp`, nil}, 400, `"code":"invalid"`},
		{"other media type", call{post, "/api/v1/things", "token-ADMIN", `name=lamp`, map[string]string{"Content-Type": "application/x-www-form-urlencoded"}}, 415, `"code":"invalid"`},
		{"body too large", call{post, "/api/v1/things", "token-ADMIN", `{"name":"` + strings.Repeat("x", 1<<20) + `"}`, nil}, 413, `"code":"too_large"`},
		{"own tenant", call{"", "/api/v1/scope", "token-ADMIN", "", nil}, 200, "1"},
		{"subtree", call{"", "/api/v1/scope?recursive=true", "token-ADMIN", "", nil}, 200, "2"},
		{"recursive is no boolean", call{"", "/api/v1/scope?recursive=maybe", "token-ADMIN", "", nil}, 400, `query.recursive`},
		{"recursive where there is none", call{"", "/api/v1/alerts?recursive=true", "token-ADMIN", "", nil}, 400, `query.recursive`},
		{"other tenant", call{"", "/api/v1/scope?tenant=elsewhere", "token-ADMIN", "", nil}, 404, `"code":"not_found"`},
		{"unknown parameter", call{"", "/api/v1/scope?tenat=x", "token-ADMIN", "", nil}, 400, `query.tenat`},
		{"parameter twice", call{"", "/api/v1/scope?tenant=a&tenant=b", "token-ADMIN", "", nil}, 400, `more than once`},
		{"internal error tells nothing", call{"", "/api/v1/fail", "", "", nil}, 500, `"code":"internal"`},
		{"panic tells nothing", call{"", "/api/v1/panic", "", "", nil}, 500, `"code":"internal"`},
		{"no such call", call{"", "/api/v1/nowhere", "", "", nil}, 404, `"code":"not_found"`},
		{"agent's call from a page", call{post, "/api/v1/agent/heartbeat", "", "{}", map[string]string{"Origin": "https://evil.example"}}, 403, `for agents`},
		{"agent's call with a cookie", call{post, "/api/v1/agent/heartbeat", "", "{}", map[string]string{"Cookie": "a=b"}}, 403, `for agents`},
		{"agent's call at the root path", call{post, "/agent/heartbeat", "", "{}", nil}, 204, ""},
		{"alias", call{"", "/me", "token-USER", "", nil}, 200, `me`},
		{"login from another site", call{post, "/api/v1/auth/login", "", "{}", map[string]string{"Sec-Fetch-Site": "cross-site"}}, 403, `console's own pages`},
		{"login at the root path from another site", call{post, "/auth/login", "", "{}", map[string]string{"Sec-Fetch-Site": "cross-site"}}, 403, `console's own pages`},
		{"login from another origin", call{post, "/api/v1/auth/login", "", "{}", map[string]string{"Origin": "https://evil.example"}}, 403, `console's own pages`},
		{"login by form", call{post, "/api/v1/auth/login", "", "a=b", map[string]string{"Content-Type": "text/plain"}}, 415, `application/json`},
		{"login from the console", call{post, "/api/v1/auth/login", "", "{}", map[string]string{"Sec-Fetch-Site": "same-origin"}}, 204, ""},
		{"health", call{"", "/healthz", "", "", nil}, 200, "ok"},
		{"metrics without token", call{"", "/metrics", "", "", nil}, 401, ""},
		{"description without sign-in", call{"", "/openapi.json", "", "", nil}, 401, ""},
		{"description", call{"", "/openapi.json", "token-USER", "", nil}, 200, `"x-permission":"agents.manage"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			response, body := do(t, server, test.call)
			if response.StatusCode != test.status || !strings.Contains(body, test.want) {
				t.Errorf("got %d %.300s, want %d with %q", response.StatusCode, body, test.status, test.want)
			}
			if strings.Contains(body, "secrets") {
				t.Errorf("the answer tells internal text: %s", body)
			}
			if response.StatusCode >= 400 {
				var problem httpapi.Problem
				if err := json.Unmarshal([]byte(body), &problem); err != nil || problem.Status != test.status || problem.Detail == "" {
					t.Errorf("not a problem document: %s", body)
				}
				if media := response.Header.Get("Content-Type"); media != "application/problem+json" {
					t.Errorf("content type %q", media)
				}
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	_, server := newAPI(t, httpapi.Config{})
	for _, path := range []string{"/api/v1/scope", "/api/v1/nowhere", "/healthz", "/docs"} {
		response, _ := do(t, server, call{path: path, header: map[string]string{"Origin": "https://evil.example"}})
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store", "Strict-Transport-Security": "max-age=31536000",
			"Access-Control-Allow-Origin": "",
		} {
			if got := response.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		if policy := response.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s: policy %q", path, policy)
		}
		if response.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s: no request id", path)
		}
	}
}

func TestNewPasswordComesFirst(t *testing.T) {
	t.Parallel()
	_, server := newAPI(t, httpapi.Config{Auth: &fakeAuth{mustChange: true}})
	if response, body := do(t, server, call{path: "/api/v1/scope", token: "token-ADMIN"}); response.StatusCode != 403 || !strings.Contains(body, "new password") {
		t.Errorf("got %d %s", response.StatusCode, body)
	}
	if response, _ := do(t, server, call{path: "/api/v1/me", token: "token-ADMIN"}); response.StatusCode != 200 {
		t.Errorf("one's own profile answers %d", response.StatusCode)
	}
}

func TestStreamEndsWithItsSession(t *testing.T) {
	t.Parallel()
	auth := &fakeAuth{}
	_, server := newAPI(t, httpapi.Config{Auth: auth})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/api/v1/follow", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer token-USER")
	response, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	first := make([]byte, 64)
	n, err := response.Body.Read(first)
	if err != nil || string(first[:n]) != "{\"type\":\"first\"}\n" {
		t.Fatalf("first event %q %v", first[:n], err)
	}
	auth.ended.Store(true)
	started := time.Now()
	if _, err := io.ReadAll(response.Body); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("the stream went on for %s", took)
	}
}

func TestClientAddress(t *testing.T) {
	t.Parallel()
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
	for _, test := range []struct {
		name    string
		trusted []netip.Prefix
		header  map[string]string
		want    string
	}{
		{"claims count for nothing", nil, map[string]string{"X-Forwarded-For": "203.0.113.9", "X-Real-IP": "203.0.113.9", "True-Client-IP": "203.0.113.9"}, "127.0.0.1"},
		{"behind a proxy", loopback, map[string]string{"X-Forwarded-For": "203.0.113.9"}, "203.0.113.9"},
		{"right to left", loopback, map[string]string{"X-Forwarded-For": "198.51.100.1, 203.0.113.9, 10.1.2.3"}, "203.0.113.9"},
		{"nonsense ends the walk", loopback, map[string]string{"X-Forwarded-For": "203.0.113.9, unknown"}, "127.0.0.1"},
		{"other headers still count for nothing", loopback, map[string]string{"X-Real-IP": "203.0.113.9"}, "127.0.0.1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, server := newAPI(t, httpapi.Config{TrustedProxies: test.trusted})
			if _, body := do(t, server, call{path: "/api/v1/address", header: test.header}); strings.TrimSpace(body) != `"`+test.want+`"` {
				t.Errorf("client is %s, want %s", body, test.want)
			}
		})
	}
}

func TestRates(t *testing.T) {
	t.Parallel()
	now := time.Now()
	_, server := newAPI(t, httpapi.Config{Now: func() time.Time { return now }})
	refused := 0
	var last *http.Response
	for range 1010 {
		if response, _ := do(t, server, call{path: "/api/v1/address"}); response.StatusCode == http.StatusTooManyRequests {
			refused, last = refused+1, response
		}
	}
	if refused != 10 {
		t.Errorf("%d of 1010 calls from one address were refused, want 10", refused)
	}
	if last != nil && last.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

func TestDeclarationsMustBeWhole(t *testing.T) {
	t.Parallel()
	whole := httpapi.Operation{ID: "x", Method: http.MethodPost, Path: "/x", Summary: "X", Permission: access.AgentsManage, Audit: "x.do"}
	for name, change := range map[string]func(*httpapi.Operation){
		"no permission":         func(op *httpapi.Operation) { op.Permission = "" },
		"no audit action":       func(op *httpapi.Operation) { op.Audit = "" },
		"public and permission": func(op *httpapi.Operation) { op.Public = true },
		"unknown permission":    func(op *httpapi.Operation) { op.Permission = "x.y" },
		"unknown feature":       func(op *httpapi.Operation) { op.Feature = "teleport" },
		"no summary":            func(op *httpapi.Operation) { op.Summary = "" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if recover() == nil {
					t.Error("it was registered")
				}
			}()
			op := whole
			change(&op)
			httpapi.Register(httpapi.New(httpapi.Config{Auth: &fakeAuth{}}), op,
				func(context.Context, access.Scope, *nothing) (*nothing, error) { return &nothing{}, nil })
		})
	}
}

func TestOperationsAreListed(t *testing.T) {
	t.Parallel()
	api, _ := newAPI(t, httpapi.Config{})
	operations := api.Operations()
	if len(operations) != 10 || operations[0].ID != "make-thing" {
		t.Errorf("got %d operations, first %q", len(operations), operations[0].ID)
	}
}
