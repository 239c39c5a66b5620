package fleettest

import (
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/tenantra/tenantra/fleet/client"
)

// peopleBodies are what the isolation test sends to operations about people, tenants and settings.
func peopleBodies() map[string]any {
	status := map[string]any{"reason": "x"}
	return map[string]any{
		"change-user": map[string]any{"name": "x"}, "put-member": map[string]any{"role": "USER"}, "deny-member": map[string]any{},
		"change-tenant": map[string]any{"name": "x"}, "suspend-tenant": status, "resume-tenant": status, "archive-tenant": status,
		"move-tenant":         map[string]any{"parent_id": "01990000-0000-7000-8000-000000000001"},
		"start-impersonation": map[string]any{"reason": "to see whether it can be done"},
		"put-setting":         map[string]any{"value": "x"}, "put-module": map[string]any{"state": "live"}, "put-module-category": map[string]any{"state": "live"},
	}
}

// withheld are operations that an ADMIN may not do at all, whatever they are about: refused with 403 before the object is
// looked for.
var withheld = map[string]bool{"change-tenant": true, "suspend-tenant": true, "resume-tenant": true, "archive-tenant": true, "move-tenant": true}

// peopleObjects makes a token, a session and a grant of access in acme, and gives the path parameters of operations about
// people, tenants and settings.
func peopleObjects(t *testing.T, f *Fleet, acme *client.Client, tenant, user string) map[string]map[string]string {
	t.Helper()
	do := func(c *client.Client, method, path string, body, out any) {
		t.Helper()
		if err := c.Do(t.Context(), method, path, nil, body, out); err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
	}
	var token struct {
		Token struct{ ID string } `json:"token"`
	}
	do(acme, http.MethodPost, "/tokens", map[string]any{"name": canary, "role": "READONLY"}, &token)
	var own struct {
		Token struct{ ID string } `json:"token"`
	}
	do(acme, http.MethodPost, "/me/tokens", map[string]any{"name": canary}, &own)
	var sessions struct{ Items []struct{ ID string } }
	do(acme, http.MethodGet, "/me/sessions", nil, &sessions)
	if len(sessions.Items) == 0 {
		t.Fatal("acme's administrator has no session")
	}
	// Whoever acts in customers' tenants needs a second factor.
	var factor struct{ Secret string }
	do(f.Admin, http.MethodPost, "/me/totp", nil, &factor)
	code, err := totp.GenerateCode(factor.Secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	do(f.Admin, http.MethodPost, "/me/totp/confirm", map[string]any{"code": code}, nil)
	var grant struct {
		Grant struct{ ID string } `json:"grant"`
	}
	f.Do(http.MethodPost, "/impersonations", "acme", map[string]any{"reason": "the isolation test, " + canary}, &grant)
	do(acme, http.MethodPut, "/settings/branding.name", map[string]any{"value": canary}, nil)

	objects := map[string]map[string]string{
		"revoke-token": {"id": token.Token.ID}, "revoke-own-token": {"id": own.Token.ID}, "end-own-session": {"id": sessions.Items[0].ID},
		"end-impersonation": {"id": grant.Grant.ID},
		"deny-member":       {"id": user, "permission": "query.run"}, "allow-member": {"id": user, "permission": "query.run"},
		"put-setting": {"key": "branding.name"}, "reset-setting": {"key": "branding.name"},
		"put-module": {"name": "processes"}, "reset-module": {"name": "processes"}, "put-module-category": {"category": "network-exposure"},
	}
	byUser, byTenant := map[string]string{"id": user}, map[string]string{"id": tenant}
	for _, op := range []string{"get-user", "change-user", "activate-user", "link-user", "delete-user-factor", "list-user-sessions", "end-user-sessions", "put-member", "remove-member"} {
		objects[op] = byUser
	}
	for _, op := range []string{"get-tenant", "change-tenant", "suspend-tenant", "resume-tenant", "archive-tenant", "move-tenant"} {
		objects[op] = byTenant
	}
	return objects
}

// merged adds what the second map has to the first.
func merged[V any](into, more map[string]V) map[string]V {
	maps.Copy(into, more)
	return into
}
