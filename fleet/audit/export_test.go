package audit_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/auth/authtest"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
)

func TestTheLogIsFilteredAndExported(t *testing.T) {
	t.Parallel()
	s := authtest.New(t, httpapi.Config{}, nil)
	alpha := pgtest.Tenant(t, s.DB, "alpha")
	admin := s.Person(alpha, "admin@alpha.example", access.Admin)
	admin.Want(201, http.MethodPost, "/users", map[string]any{"email": "user@alpha.example", "name": "New", "role": "USER"})
	admin.Want(200, http.MethodPatch, "/me", map[string]any{"name": "=cmd|' /C calc'!A0"})
	stranger := s.Person(pgtest.Tenant(t, s.DB, "beta"), "admin@beta.example", access.Admin)

	actions := func(query url.Values) []string {
		t.Helper()
		found := []string{}
		for _, item := range admin.Items("/audit?" + query.Encode()) {
			action, _ := item["action"].(string)
			found = append(found, action)
		}
		return found
	}
	for _, test := range []struct {
		query url.Values
		want  []string
	}{
		{url.Values{"action": {"users.create"}, "actor": {"ADMIN@alpha.example"}}, []string{"users.create"}},
		{url.Values{"action": {"profile.*"}}, []string{"profile.change"}},
		{url.Values{"action": {"profile"}}, []string{}},
		{url.Values{"object": {"session:*"}, "action": {"auth.login"}, "until": {"2001-01-01T00:00:00Z"}}, []string{}},
		{url.Values{"actor": {"nobody"}}, []string{}},
		{url.Values{"actor": {admin.ID()}, "action": {"users.*"}, "since": {time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)}}, []string{"users.create"}},
		{url.Values{"msp_scope_token": {"01977000-0000-7000-8000-000000000001"}}, []string{}},
	} {
		if got := actions(test.query); !slices.Equal(got, test.want) {
			t.Errorf("%v: %v, want %v", test.query, got, test.want)
		}
	}
	admin.Want(400, http.MethodGet, "/audit?msp_scope_token=x", nil)

	status, header, text := admin.Call(http.MethodGet, "/audit/export?action=profile.*", nil)
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if status != 200 || err != nil || !strings.HasPrefix(header.Get("Content-Type"), "text/csv") || len(rows) != 2 {
		t.Fatalf("%d %v: %s", status, err, text)
	}
	if rows[1][3] != "admin@alpha.example" || rows[1][7] != "profile.change" || !strings.Contains(rows[1][10], "calc") {
		t.Errorf("the row is %q", rows[1])
	}
	if got := actions(url.Values{"action": {"audit.export"}}); len(got) != 1 {
		t.Errorf("the export is not in the log: %v", got)
	}
	stranger.Want(404, http.MethodGet, "/audit/export?tenant=alpha", nil)
	for range 9 {
		admin.Call(http.MethodGet, "/audit/export?action=none", nil)
	}
	admin.Want(429, http.MethodGet, "/audit/export", nil)
}
