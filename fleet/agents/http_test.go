package agents_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/agents"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
)

// people signs in by name: the bearer token is the key of a scope.
type people map[string]access.Scope

func (p people) Authenticate(_ context.Context, bearer, _ string, _ bool, _ string) (httpapi.Caller, error) {
	scope, ok := p[bearer]
	if !ok {
		return httpapi.Caller{}, fault.New(fault.Unauthenticated, "nobody of this name")
	}
	return httpapi.Caller{Scope: scope}, nil
}

func (p people) Alive(context.Context, access.Scope) error { return nil }

func TestAPI(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	reader := f.scope
	reader.Role = access.ReadOnly
	api := httpapi.New(httpapi.Config{Auth: people{"admin": f.scope, "reader": reader, "other": pgtest.Tenant(t, f.db, "Other")}})
	f.service.Routes(api)
	server := httptest.NewServer(api.Handler())
	t.Cleanup(server.Close)
	call := func(who, method, path, body string) (int, map[string]any) {
		t.Helper()
		request, err := http.NewRequest(method, server.URL+"/api/v1"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+who)
		request.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		answer := map[string]any{}
		if err := json.NewDecoder(response.Body).Decode(&answer); err != nil && response.StatusCode != http.StatusNoContent {
			t.Fatalf("%s %s: %d: %v", method, path, response.StatusCode, err)
		}
		return response.StatusCode, answer
	}
	status, made := call("admin", http.MethodPost, "/enroll-secrets", `{"tags":["lab"]}`)
	if status != http.StatusCreated {
		t.Fatalf("%d %v", status, made)
	}
	var ids []string
	for range 3 {
		ids = append(ids, f.enroll(f.request(made["secret"].(string))).String())
	}
	if _, listed := call("admin", http.MethodGet, "/enroll-secrets", ""); strings.Contains(fmt.Sprint(listed), made["secret"].(string)) {
		t.Error("a secret is shown twice")
	}
	seen := 0
	for path := "/agents?limit=2&platform=linux&q=HOST"; path != ""; {
		status, page := call("reader", http.MethodGet, path, "")
		if status != http.StatusOK {
			t.Fatalf("%d %v", status, page)
		}
		seen += len(page["items"].([]any))
		path = ""
		if cursor, ok := page["next_cursor"].(string); ok {
			path = "/agents?limit=2&cursor=" + cursor
		}
	}
	if seen != 3 {
		t.Errorf("pages show %d agents, want 3", seen)
	}
	for _, test := range []struct {
		who, method, path, body string
		want                    int
	}{
		{"reader", http.MethodGet, "/agents/" + ids[0], "", 200},
		{"other", http.MethodGet, "/agents/" + ids[0], "", 404},
		{"reader", http.MethodGet, "/agents/none", "", 400},
		{"reader", http.MethodGet, "/agents?status=asleep", "", 400},
		{"reader", http.MethodGet, "/agents?cursor=%22", "", 400},
		{"reader", http.MethodPost, "/agents/" + ids[0] + "/revoke", "", 403},
		{"reader", http.MethodGet, "/enroll-secrets", "", 403},
		{"reader", http.MethodPost, "/enroll-secrets", "{}", 403},
		{"other", http.MethodPost, "/agents/" + ids[0] + "/revoke", "", 404},
		{"admin", http.MethodPost, "/agents/" + ids[0] + "/revoke", "", 204},
		{"admin", http.MethodPost, "/agents/" + ids[0] + "/revoke", "", 409},
		{"admin", http.MethodPost, "/agents/" + ids[1] + "/approve", "", 409},
		{"admin", http.MethodPost, "/enroll-secrets", `{"max_uses":0,"expires_in_hours":721}`, 400},
		{"admin", http.MethodPost, "/enroll-secrets", `{"colour":"red"}`, 400},
		{"admin", http.MethodPost, "/enroll-secrets", `{"tags":["two\nlines"]}`, 400},
		{"other", http.MethodDelete, "/enroll-secrets/" + made["id"].(string), "", 404},
		{"admin", http.MethodDelete, "/enroll-secrets/" + made["id"].(string), "", 204},
		{"nobody", http.MethodGet, "/agents", "", 401},
	} {
		if status, answer := call(test.who, test.method, test.path, test.body); status != test.want {
			t.Errorf("%s %s %s: %d %v, want %d", test.who, test.method, test.path, status, answer, test.want)
		}
	}
	if status, page := call("admin", http.MethodGet, "/agents?status="+string(agents.StatusRevoked), ""); status != 200 || len(page["items"].([]any)) != 1 {
		t.Errorf("%d %v", status, page)
	}
}
