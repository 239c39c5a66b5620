package collections_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/auth/authtest"
	"github.com/tenantra/tenantra/fleet/collections"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
	"github.com/tenantra/tenantra/tables"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func inventory(context.Context, access.Scope, string) (tables.Class, error) {
	return tables.ClassInventory, nil
}

func TestWhatFailsIsListedWithItsReason(t *testing.T) {
	t.Parallel()
	site := authtest.New(t, httpapi.Config{}, func(s *authtest.Site, api *httpapi.API) { collections.New(s.DB, inventory).Routes(api) })
	msp := pgtest.Tenant(t, site.DB, "msp")
	acme := pgtest.Tenant(t, site.DB, "acme", msp.Tenant)
	store := rowstest.Store(t, site.DB)
	web := rowstest.Enroll(t, site.DB, acme, "web", "linux")
	mail := rowstest.Enroll(t, site.DB, acme, "mail", "linux")
	web.Tell(t, store, "pack:a/well", []string{"a"}, rowstest.Text([]string{"1"}))
	web.Fail(t, store, "pack:a/one", "no such table: one")
	web.Fail(t, store, "pack:a/two", "no such table: two")
	mail.Fail(t, store, "pack:a/one", "no such table: one")
	boss := site.Person(msp, "boss@msp.example", access.ReadOnly)
	reader := site.Person(acme, "reader@acme.example", access.ReadOnly)
	stranger := site.Person(pgtest.Tenant(t, site.DB, "globex"), "reader@globex.example", access.ReadOnly)
	for _, test := range []struct {
		who  *authtest.Client
		path string
		want int
	}{
		{reader, "/agent-failures", 3},
		{reader, "/agent-failures?severity=error", 3},
		{reader, "/agent-failures?severity=warn", 0},
		{reader, "/agent-failures?collection=pack:a/one", 2},
		{reader, "/agent-failures?agent_id=" + web.ID.String(), 2},
		{reader, "/agent-failures?limit=1", 3}, // by its pages
		{boss, "/agent-failures", 0},
		{boss, "/agent-failures?recursive=true", 3},
		{stranger, "/agent-failures", 0},
		{stranger, "/agent-failures?agent_id=" + web.ID.String(), 0},
	} {
		if got := pages(t, test.who, test.path); len(got) != test.want {
			t.Errorf("%s %s: %d items, want %d: %v", test.who.Email, test.path, len(got), test.want, got)
		}
	}
	item := pages(t, reader, "/agent-failures?agent_id="+mail.ID.String())[0]
	if got := fmt.Sprintf("%v %v %v %v %v", item["hostname"], item["tenant"], item["severity"], item["status_code"], item["execution_log"]); got != "mail acme error 1 no such table: one" {
		t.Errorf("the item is %v", item)
	}
	reader.Want(400, http.MethodGet, "/agent-failures?agent_id=x", nil)
	stranger.Want(404, http.MethodGet, "/agent-failures?tenant=acme", nil)
}

// pages reads a list to its end.
func pages(t *testing.T, c *authtest.Client, path string) (all []map[string]any) {
	t.Helper()
	for cursor := ""; ; {
		at := path
		if cursor != "" {
			at += "&cursor=" + cursor
		}
		body := c.Want(200, http.MethodGet, at, nil)
		items, _ := body["items"].([]any)
		for _, item := range items {
			fields, _ := item.(map[string]any)
			all = append(all, fields)
		}
		if cursor, _ = body["next_cursor"].(string); cursor == "" {
			return all
		}
	}
}
