package notify_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/alerts"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/notify"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/tables"
)

// people signs in by a token that names one of the scopes.
type people map[string]access.Scope

func (p people) Authenticate(_ context.Context, bearer, _ string, _ bool, _ string) (httpapi.Caller, error) {
	scope, ok := p[bearer]
	if !ok {
		return httpapi.Caller{}, fault.New(fault.Unauthenticated, "the token does not hold")
	}
	return httpapi.Caller{Scope: scope}, nil
}

func (people) Alive(context.Context, access.Scope) error { return nil }

// S8: no answer shows a secret, not even to those who set it.
func TestRoutesShowNoSecret(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "", false)
	slack := f.channel(notify.Slack, "https://hooks.slack.com/services/T/B/canary4711", notify.Settings{}).ID.String()
	f.alert(alerts.NoticeOpened, tables.ClassInventory, "slack")
	notice := f.wait(notify.Queued).ID.String()
	reader, basic, other := f.scope, f.scope, pgtest.Tenant(t, f.db, "other")
	reader.Role, basic.Tier = access.ReadOnly, access.Basic
	api := httpapi.New(httpapi.Config{Auth: people{"admin": f.scope, "reader": reader, "basic": basic, "other": other}})
	f.service.Routes(api)
	server := httptest.NewServer(api.Handler())
	t.Cleanup(server.Close)
	for _, c := range []struct {
		who, method, path, body string
		status                  int
		want                    []string // parts of the answer
	}{
		{"admin", "GET", "/channels", "", 200, []string{`"name":"slack"`, `"secret_hint":"4711"`}},
		{"reader", "GET", "/channels", "", 200, []string{`"name":"slack"`}},
		{"other", "GET", "/channels", "", 200, []string{`"items":[]`}},
		{"reader", "POST", "/channels", `{"name":"x","kind":"email","config":{"to":["a@acme.example"]}}`, 403, nil},
		{"basic", "POST", "/channels", `{"name":"x","kind":"webhook","config":{"url":"https://hooks.example/"}}`, 403, []string{"tier_required", "webhook"}},
		{"admin", "POST", "/channels", `{"name":"x","kind":"webhook","config":{"url":"https://hooks.example/"}}`, 200, []string{`"signing_key":"whsec_`}},
		{"admin", "POST", "/channels", `{"name":"x","kind":"email","config":{"to":["a@acme.example"]}}`, 409, []string{"body.name"}},
		{"admin", "POST", "/channels", `{"name":"y","kind":"email","config":{"to":["a@acme.example\r\nBcc: b@acme.example"]}}`, 400, []string{"body.config.to"}},
		{"admin", "POST", "/channels", `{"name":"y","kind":"email","config":{"to":["a@acme.example"]},"subject":"{{ .Env }}"}`, 400, []string{"body.subject"}},
		{"admin", "POST", "/channels", `{"name":"y","kind":"email","config":{"to":["a@acme.example"],"url":"https://x.example"}}`, 400, []string{"no such setting"}},
		{"admin", "POST", "/channels", `{"name":"y","kind":"slack"}`, 400, []string{"body.secret"}},
		{"admin", "POST", "/channels", `{"name":"y","kind":"pigeon"}`, 400, []string{"body.kind"}},
		{"admin", "PUT", "/channels/" + slack, `{"name":"slack","kind":"slack","min_severity":"high","enabled":false}`, 200, []string{`"min_severity":"high"`, `"enabled":false`, `"secret_hint":"4711"`}},
		{"admin", "POST", "/channels/" + slack + "/rotate", "", 409, nil},
		{"other", "DELETE", "/channels/" + slack, "", 404, nil},
		{"admin", "GET", "/notifications?status=queued", "", 200, []string{`"channel":"slack"`, `"body_sha256":"`, `"retry_count":0`}},
		{"admin", "GET", "/notifications/" + notice, "", 200, []string{"telnetd on web-1"}},
		{"other", "GET", "/notifications/" + notice, "", 404, nil},
		{"admin", "POST", "/notifications/" + notice + "/replay", "", 409, nil},
		{"reader", "POST", "/notifications/" + notice + "/replay", "", 403, nil},
		{"reader", "GET", "/inbox", "", 200, []string{`"unread":1`, `"read":false`}},
		{"reader", "POST", "/inbox/read", `{"to":"` + uuid.Max.String() + `"}`, 204, nil},
		{"reader", "GET", "/inbox", "", 200, []string{`"unread":0`, `"read":true`}},
		{"admin", "DELETE", "/channels/" + slack, "", 204, nil},
	} {
		request, err := http.NewRequestWithContext(t.Context(), c.method, server.URL+"/api/v1"+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+c.who)
		if c.body != "" {
			request.Header.Set("Content-Type", "application/json")
		}
		response, err := server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != c.status {
			t.Errorf("%s %s %s %s: %d, want %d: %.300s", c.who, c.method, c.path, c.body, response.StatusCode, c.status, answer)
		}
		if strings.Contains(string(answer), "canary4711") || strings.Contains(string(answer), "hooks.slack.com") {
			t.Errorf("%s %s %s shows the secret: %.300s", c.who, c.method, c.path, answer)
		}
		for _, part := range c.want {
			if !strings.Contains(string(answer), part) {
				t.Errorf("%s %s %s lacks %s: %.600s", c.who, c.method, c.path, part, answer)
			}
		}
	}
}
