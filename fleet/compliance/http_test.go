package compliance_test

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
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
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

func TestRoutes(t *testing.T) {
	t.Parallel()
	f := newFleet(t, rootCheck, sshCheck)
	e := f.enroll("web-1")
	e.shells(user(0, "/bin/evil"), user(0, "/bin/worse"))
	e.tell(e.Differential("check:ssh/applies", []string{"one"}, [][]tables.Value{{tables.IntValue(1)}}))
	e.tell(e.Differential("check:ssh", []string{"username"}, rowstest.Text([]string{"anna"})))
	id := f.list(findings.Filter{Check: "only-root"})[0].ID.String()
	personal := f.list(findings.Filter{Check: "ssh"})[0].ID.String()

	reader, biller, other := f.scope, f.scope, pgtest.Tenant(t, f.db, "other")
	reader.Role, biller.Role = access.ReadOnly, access.BillingViewer
	api := httpapi.New(httpapi.Config{Auth: people{"admin": f.scope, "reader": reader, "biller": biller, "other": other}})
	f.findings.Routes(api)
	f.service.Routes(api)
	server := httptest.NewServer(api.Handler())
	t.Cleanup(server.Close)

	for _, c := range []struct {
		who, method, path, body string
		status                  int
		want                    []string // parts of the answer
		unwanted                string
	}{
		{"admin", "GET", "/findings?state=open&check=only-root", "", 200, []string{`"subject":"only-root"`, `"severity":"high"`, `"hostname":"web-1"`, `"tenant_name":"acme"`}, "next_cursor"},
		{"admin", "GET", "/findings?state=resolved", "", 200, []string{`"items":[]`}, ""},
		{"admin", "GET", "/findings?severity=low", "", 200, []string{`"message":"anna is there"`}, "only-root"},
		{"reader", "GET", "/findings?severity=low", "", 200, []string{"query.personal"}, "anna"},
		{"admin", "GET", "/findings?agent_id=" + e.ID.String() + "&check=only-root&q=EVIL", "", 200, []string{`"kind":"check"`}, ""},
		{"admin", "GET", "/findings?agent_id=" + uuid.NewString(), "", 200, []string{`"items":[]`}, ""},
		{"admin", "GET", "/findings?q=%25", "", 200, []string{`"items":[]`}, ""}, // a percent sign is a percent sign
		{"admin", "GET", "/findings?state=closed", "", 400, []string{"query.state"}, ""},
		{"admin", "GET", "/findings?colour=red", "", 400, []string{"colour"}, ""},
		{"admin", "GET", "/findings?cursor=%21", "", 400, []string{"query.cursor"}, ""},
		{"admin", "GET", "/findings/" + id, "", 200, []string{
			`"columns":["uid","shell"]`, `[0,"/bin/evil"]`, `"failing_columns":["shell","uid"]`, `"total":2`, `"expected":"shell /bin/bash"`,
			`"sql":"SELECT uid, shell FROM users"`, `"pass":"all(rows`, `"text":"Change /bin/`, `"risk":"None."`, `"controls":{"sample":["A.1"]}`, `"state":"open"`, `"actor":"judge"`}, ""},
		{"reader", "GET", "/findings/" + personal, "", 200, []string{"query.personal", `"total":1`}, "anna"},
		{"admin", "GET", "/findings/" + uuid.NewString(), "", 404, []string{"not_found"}, ""},
		{"admin", "GET", "/findings/x", "", 400, nil, ""},
		{"biller", "GET", "/findings", "", 403, nil, ""},
		{"nobody", "GET", "/findings", "", 401, nil, ""},
		{"other", "GET", "/findings", "", 200, []string{`"items":[]`}, ""},
		{"other", "GET", "/findings/" + id, "", 404, nil, ""},
		{"other", "POST", "/findings/" + id + "/acknowledge", "{}", 404, nil, ""},
		{"reader", "POST", "/findings/" + id + "/acknowledge", "{}", 403, nil, ""},
		{"admin", "POST", "/findings/" + id + "/acknowledge", `{"reason":"` + strings.Repeat("x", 501) + `"}`, 400, []string{"reason"}, ""},
		{"admin", "POST", "/findings/" + id + "/acknowledge", `{"why":"x"}`, 400, nil, ""},
		{"admin", "POST", "/findings/" + id + "/acknowledge", `{"reason":"known"}`, 200, []string{`"state":"acknowledged"`}, ""},
		{"admin", "POST", "/findings/" + id + "/acknowledge", `{}`, 409, []string{"only an open one"}, ""},
		{"admin", "GET", "/compliance/checks", "", 200, []string{`"check":"only-root"`, `"fail":1`, `"check":"ssh"`, `"fail":1`, `"controls":{"sample":["A.1"]}`}, ""},
		{"other", "GET", "/compliance/checks", "", 200, []string{`"check":"only-root"`}, `"fail":1`},
		{"biller", "GET", "/compliance/checks", "", 403, nil, ""},
		{"admin", "GET", "/compliance/verdicts?verdict=fail&check=only-root", "", 200, []string{`"check":"only-root"`, `"title":"Only root is root"`, "/bin/evil"}, `"ssh"`},
		{"admin", "GET", "/compliance/verdicts?verdict=pass", "", 200, []string{`"items":[]`}, ""},
		{"admin", "GET", "/compliance/verdicts?at=2020-01-01T00:00:00Z", "", 200, []string{`"items":[]`}, ""},
		{"admin", "GET", "/compliance/verdicts?verdict=maybe", "", 400, nil, ""},
		{"reader", "GET", "/compliance/verdicts", "", 200, []string{"query.personal"}, "anna"},
		{"other", "GET", "/compliance/verdicts", "", 200, []string{`"items":[]`}, ""},
	} {
		status, got := f.call(server, c.who, c.method, c.path, c.body)
		if status != c.status {
			t.Errorf("%s %s %s: status %d, want %d: %s", c.who, c.method, c.path, status, c.status, got)
		}
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s %s %s: the answer lacks %s: %s", c.who, c.method, c.path, want, got)
			}
		}
		if c.unwanted != "" && strings.Contains(got, c.unwanted) {
			t.Errorf("%s %s %s: the answer has %s: %s", c.who, c.method, c.path, c.unwanted, got)
		}
	}
}

func TestPaging(t *testing.T) {
	t.Parallel()
	f := newFleet(t, rootCheck)
	for range 5 {
		f.enroll("host").shells(user(0, "/bin/evil"))
	}
	api := httpapi.New(httpapi.Config{Auth: people{"admin": f.scope}})
	f.findings.Routes(api)
	f.service.Routes(api)
	server := httptest.NewServer(api.Handler())
	t.Cleanup(server.Close)
	for _, path := range []string{"/findings", "/compliance/verdicts"} {
		seen := map[string]bool{}
		for cursor, pages := "", 0; ; pages++ {
			status, text := f.call(server, "admin", "GET", path+"?limit=2&cursor="+cursor, "")
			var page struct {
				Items []struct {
					AgentID string `json:"agent_id"`
				} `json:"items"`
				NextCursor string `json:"next_cursor"`
			}
			if err := json.Unmarshal([]byte(text), &page); err != nil || status != 200 || pages > 3 {
				t.Fatalf("%s: page %d: %d %v %s", path, pages, status, err, text)
			}
			for _, item := range page.Items {
				seen[item.AgentID] = true
			}
			if cursor = page.NextCursor; cursor == "" {
				break
			}
		}
		if len(seen) != 5 {
			t.Errorf("%s: the pages show %d agents, want 5", path, len(seen))
		}
	}
}

func (f *fleet) call(server *httptest.Server, who, method, path, body string) (status int, answer string) {
	f.t.Helper()
	request, err := http.NewRequestWithContext(f.t.Context(), method, server.URL+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+who)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := server.Client().Do(request)
	if err != nil {
		f.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}
