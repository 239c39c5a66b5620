package users_test

import (
	"net/http"
	"testing"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
)

// S7: an administrator gives himself nothing, here or elsewhere, and does not leave a tenant without one.
func TestS7NobodyRaisesThemselves(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	msp := pgtest.Tenant(t, s.db, "msp")
	acme := pgtest.Tenant(t, s.db, "acme", msp.Tenant)
	pgtest.Tenant(t, s.db, "bolt", msp.Tenant)
	boss := s.person(t, msp, "boss@msp.example", access.MSPAdmin)
	admin := s.person(t, acme, "admin@acme.example", access.Admin)
	self := "/api/v1/members/" + admin.id()
	for _, test := range []struct {
		who                *client
		status             int
		method, path, body string
	}{
		{admin, 404, http.MethodPut, self + "?tenant=bolt", `{"role":"ADMIN"}`},
		{admin, 404, http.MethodPut, self + "?tenant=msp", `{"role":"ADMIN"}`},
		{admin, 403, http.MethodPut, self, `{"role":"MSP_ADMIN"}`},
		{admin, 403, http.MethodPut, self, `{"role":"READONLY"}`},
		{admin, 403, http.MethodPost, "/api/v1/users", `{"email":"friend@acme.example","name":"Friend","role":"MSP_ADMIN"}`},
		{admin, 409, http.MethodPost, "/api/v1/users/" + admin.id() + "/deactivate", ""},
		{boss, 409, http.MethodPost, "/api/v1/users/" + admin.id() + "/deactivate?tenant=acme", ""},
	} {
		if status, answer := test.who.call(test.method, test.path, test.body); status != test.status {
			t.Errorf("%s %s %s: %d %v, want %d", test.method, test.path, test.body, status, answer, test.status)
		}
	}
	if role := admin.want(200, http.MethodGet, "/me", "")["role"]; role != "ADMIN" {
		t.Errorf("the role is %v now", role)
	}
}
