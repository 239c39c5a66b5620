package collections_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/auth/authtest"
	"github.com/tenantra/tenantra/fleet/collections"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
)

func TestWhatQueriesCostIsListedByCollection(t *testing.T) {
	t.Parallel()
	site := authtest.New(t, httpapi.Config{}, func(s *authtest.Site, api *httpapi.API) { collections.New(s.DB, inventory).Routes(api) })
	msp := pgtest.Tenant(t, site.DB, "msp")
	acme := pgtest.Tenant(t, site.DB, "acme", msp.Tenant)
	store := rowstest.Store(t, site.DB)
	web := rowstest.Enroll(t, site.DB, acme, "web", "linux")
	mail := rowstest.Enroll(t, site.DB, acme, "mail", "linux")
	web.Tell(t, store, "pack:a/one", []string{"a"}, rowstest.Text([]string{"1"}, []string{"2"}))
	mail.Tell(t, store, "pack:a/one", []string{"a"}, rowstest.Text([]string{"1"}))
	web.Fail(t, store, "pack:a/two", "no such table: two")
	web.Tell(t, store, "pack:ab/one", []string{"a"}, rowstest.Text([]string{"1"}))
	boss := site.Person(msp, "boss@msp.example", access.ReadOnly)
	reader := site.Person(acme, "reader@acme.example", access.ReadOnly)
	stranger := site.Person(pgtest.Tenant(t, site.DB, "globex"), "reader@globex.example", access.ReadOnly)
	for _, test := range []struct {
		who  *authtest.Client
		path string
		want string // collection: agents, of which failing; rows; CPU and duration of the one in the middle (rowstest)
	}{
		{reader, "/collection-costs", "pack:a/one: 2 0; 3; 2 3, pack:a/two: 1 1; 1; 2 3, pack:ab/one: 1 0; 1; 2 3"},
		{reader, "/collection-costs?prefix=pack:a/", "pack:a/one: 2 0; 3; 2 3, pack:a/two: 1 1; 1; 2 3"},
		{reader, "/collection-costs?limit=1&prefix=pack:a", "pack:a/one: 2 0; 3; 2 3, pack:a/two: 1 1; 1; 2 3, pack:ab/one: 1 0; 1; 2 3"}, // by its pages
		{reader, "/collection-costs?prefix=pack:%25", ""},
		{boss, "/collection-costs", ""},
		{boss, "/collection-costs?recursive=true&prefix=pack:ab", "pack:ab/one: 1 0; 1; 2 3"},
		{stranger, "/collection-costs", ""},
	} {
		var got []string
		for _, item := range pages(t, test.who, test.path) {
			got = append(got, fmt.Sprintf("%v: %v %v; %v; %v %v", item["collection"], item["agents"], item["failing"], item["rows"], item["cpu_ms_p50"], item["duration_ms_p50"]))
		}
		if got := strings.Join(got, ", "); got != test.want {
			t.Errorf("%s %s: %s, want %s", test.who.Email, test.path, got, test.want)
		}
	}
}
