package alerts_test

import (
	"context"
	"encoding/json"
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
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
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

func TestRoutes(t *testing.T) {
	t.Parallel()
	f := newFleet(t, portRule, eachPort)
	f.enroll("web-1").ports(23)
	id := f.list(alerts.Filter{})[0].ID.String()
	reader, biller, free, other := f.scope, f.scope, f.scope, pgtest.Tenant(t, f.db, "other")
	reader.Role, biller.Role, free.Tier = access.ReadOnly, access.BillingViewer, access.Free
	api := httpapi.New(httpapi.Config{Auth: people{"admin": f.scope, "reader": reader, "biller": biller, "free": free, "other": other}})
	f.service.Routes(api)
	server := httptest.NewServer(api.Handler())
	t.Cleanup(server.Close)
	yaml := func(text string) string {
		body, err := json.Marshal(map[string]string{"yaml": text})
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	wrong := strings.Replace(portRule, "len(rows) >=", "len(rowz) >=", 1)
	for _, c := range []struct {
		who, method, path, body string
		status                  int
		want                    []string // parts of the answer
	}{
		{"admin", "GET", "/alerts?state=open", "", 200, []string{`"rule":"telnet"`, `"hostnames":["web-1"]`, `"severity":"high"`, `"tenant_name":"acme"`}},
		{"admin", "GET", "/alerts?state=over", "", 400, []string{"query.state"}},
		{"admin", "GET", "/alerts?q=%25", "", 200, []string{`"items":[]`}},
		{"admin", "GET", "/alerts/" + id, "", 200, []string{`"firing":true`, `"event":"opened"`, `"reason":"opened to mail"`}},
		{"admin", "GET", "/alerts/" + uuid.NewString(), "", 404, nil},
		{"reader", "GET", "/alerts", "", 200, nil},
		{"reader", "POST", "/alerts/" + id + "/acknowledge", "{}", 403, []string{"findings.manage"}},
		{"biller", "GET", "/alerts", "", 403, nil},
		{"free", "GET", "/alerts", "", 403, []string{"tier_required", "alerts"}},
		{"nobody", "GET", "/alerts", "", 401, nil},
		{"other", "GET", "/alerts", "", 200, []string{`"items":[]`}},
		{"other", "POST", "/alerts/" + id + "/resolve", "{}", 404, nil},
		{"admin", "POST", "/alerts/" + id + "/snooze", `{"minutes":0}`, 400, []string{"body.minutes"}},
		{"admin", "POST", "/alerts/" + id + "/acknowledge", `{"reason":"mine"}`, 200, []string{`"state":"acknowledged"`}},
		{"admin", "POST", "/alerts/" + id + "/acknowledge", `{}`, 409, nil},
		{"admin", "POST", "/alerts/" + id + "/reopen", `{}`, 200, []string{`"state":"open"`}},
		{"admin", "GET", "/rules", "", 200, []string{`"rule":"low-port"`, `"source":"product"`, `"enabled":false`}},
		{"admin", "GET", "/rules/none", "", 404, nil},
		{"reader", "PUT", "/rules/telnet", yaml(portRule), 403, nil},
		{"admin", "PUT", "/rules/telnet", yaml(wrong), 400, []string{"body.yaml", "telnet.yaml:6:11"}},
		{"admin", "PUT", "/rules/other", yaml(portRule), 400, []string{"body.yaml", "telnet"}},
		{"admin", "PUT", "/rules/telnet", yaml(portRule), 200, []string{`"source":"tenant"`, `"columns":["port","name"]`}},
		{"admin", "PUT", "/rules/telnet/settings", `{"threshold":-1}`, 400, nil},
		{"admin", "PUT", "/rules/telnet/settings", `{"params":{"a":"text"}}`, 400, []string{"body.params"}},
		{"admin", "PUT", "/rules/telnet/settings", `{"enabled":false,"threshold":7,"params":{"a":2},"notify":["ops"]}`, 200, []string{`"enabled":false`, `"threshold":7`, `"a":2`, `"notify":["ops"]`}},
		{"reader", "POST", "/rules/check", yaml(wrong), 200, []string{`"ok":false`, "telnet.yaml:6:11"}},
		{"reader", "POST", "/rules/check", yaml(portRule), 200, []string{`"ok":true`, `"tables":["ports"]`, `"schemas":{"ports":["port","name"]}`, `"fires":true`}},
		{"reader", "POST", "/rules/check", yaml("rule: ["), 200, []string{`"ok":false`, `"schemas":{}`, `"fixtures":[]`}},
		{"admin", "GET", "/rule-vocabulary", "", 200, []string{`"hasPrefix"`, `"silent_minutes"`, `"agent.tags"`}},
		{"admin", "POST", "/rules/dry-run", yaml(portRule), 200, []string{`"fired":1`, `"hostname":"web-1"`, `"basis":"history"`, `"days":[{"day":"`}},
		{"admin", "DELETE", "/rules/telnet", "", 204, nil},
		{"admin", "DELETE", "/rules/telnet", "", 404, nil},
		{"admin", "POST", "/alert-windows", `{"name":"n","kind":"quiet","days":[8],"minutes":60,"zone":"UTC"}`, 400, []string{"body.days"}},
		{"admin", "POST", "/alert-windows", `{"name":"night","kind":"quiet","days":[1,2],"from_minute":1320,"minutes":480,"zone":"Europe/Berlin","below":"high"}`, 200, []string{`"id":`}},
		{"admin", "GET", "/alert-windows", "", 200, []string{`"name":"night"`, `"below":"high"`}},
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
			t.Errorf("%s %s %s: %d, want %d: %.300s", c.who, c.method, c.path, response.StatusCode, c.status, answer)
			continue
		}
		for _, part := range c.want {
			if !strings.Contains(string(answer), part) {
				t.Errorf("%s %s %s lacks %s: %.600s", c.who, c.method, c.path, part, answer)
			}
		}
	}
}
