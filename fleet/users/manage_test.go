package users_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/mail"
	"github.com/tenantra/tenantra/fleet/mail/smtptest"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
)

func (c *client) id() string {
	c.t.Helper()
	user, _ := c.want(200, http.MethodGet, "/me", "")["user"].(map[string]any)
	return fmt.Sprint(user["id"])
}

// linkText finds the token in a link.
var linkText = regexp.MustCompile(`https://fleet\.example:8443/(invite|reset)#(tn[ip]_[A-Za-z0-9_-]+)`)

func tokenOf(t *testing.T, text string) string {
	t.Helper()
	found := linkText.FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("no link in %q", text)
	}
	return found[2]
}

func (s *site) smtp(t *testing.T) *smtptest.Server {
	t.Helper()
	server := smtptest.New(t)
	err := s.mail.Put(t.Context(), access.System(postgres.RootTenant, "test"), mail.Settings{Host: server.Host, Port: server.Port, Security: mail.None, FromAddress: "fleet@root.example"})
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func TestInvitationsAreMailedOrHandedOver(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	alpha := pgtest.Tenant(t, s.db, "alpha")
	admin := s.person(t, alpha, "admin@alpha.example", access.Admin)
	invite := `{"email":"new@alpha.example","name":"New","role":"MANAGER"}`
	made := admin.want(201, http.MethodPost, "/api/v1/users/invitations", invite)
	invitation, _ := made["invitation"].(map[string]any)
	user, _ := made["user"].(map[string]any)
	first := tokenOf(t, fmt.Sprint(invitation["url"]))
	if invitation["mailed"] != false || user["status"] != "invited" {
		t.Errorf("without mail: %v", made)
	}
	server := s.smtp(t)
	again := admin.want(200, http.MethodPost, fmt.Sprintf("/api/v1/users/%v/link", user["id"]), "")
	if again["mailed"] != true || again["url"] != "" {
		t.Errorf("with mail: %v", again)
	}
	received := server.Next(t)
	token := tokenOf(t, received.Text)
	if received.To != "new@alpha.example" || !strings.Contains(received.Header.Get("Subject"), "alpha") {
		t.Errorf("the mail is %+v", received)
	}
	guest := &client{t: t, site: s}
	use := func(status int, token, password string) map[string]any {
		t.Helper()
		return guest.want(status, http.MethodPost, "/api/v1/auth/link/use", fmt.Sprintf(`{"token":%q,"password":%q}`, token, password))
	}
	use(400, first, good) // replaced by the second
	use(400, token, "elevenchars")
	use(400, "tni_"+strings.Repeat("A", 40), good)
	use(400, strings.Replace(token, "tni_", "tnp_", 1), good)
	told := guest.want(200, http.MethodPost, "/api/v1/auth/link", fmt.Sprintf(`{"token":%q}`, token))
	if told["kind"] != "invite" || told["email"] != "new@alpha.example" || told["tenant"] != "alpha" {
		t.Errorf("the link is for %v", told)
	}
	body := use(200, token, good)
	guest.token = fmt.Sprint(body["access_token"])
	if me := guest.want(200, http.MethodGet, "/me", ""); me["role"] != "MANAGER" {
		t.Errorf("the invited is %v", me)
	}
	use(400, token, good+" once more")
	server.Refuse("550 no such person")
	failed := admin.want(201, http.MethodPost, "/api/v1/users/invitations", `{"email":"typo@alpha.example","name":"New","role":"USER"}`)
	if invitation, _ := failed["invitation"].(map[string]any); invitation["mailed"] != false || invitation["url"] == "" {
		t.Errorf("a mail that was refused: %v", failed)
	}
}

// S48, S49: a link serves once, for the person it was made for; who exists is told to nobody.
func TestPasswordReset(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	server := s.smtp(t)
	alpha := pgtest.Tenant(t, s.db, "alpha")
	user := s.person(t, alpha, "user@alpha.example", access.User)
	guest := &client{t: t, site: s}
	for range 2 {
		if body := guest.want(202, http.MethodPost, "/api/v1/auth/reset-request", `{"email":"nobody@alpha.example"}`); len(body) != 0 {
			t.Errorf("the answer for nobody is %v", body)
		}
	}
	if body := guest.want(202, http.MethodPost, "/api/v1/auth/reset-request", `{"email":"User@Alpha.example"}`); len(body) != 0 {
		t.Errorf("the answer for somebody is %v", body)
	}
	token := tokenOf(t, server.Next(t).Text)
	const next = "another horse battery staple"
	var wg sync.WaitGroup
	statuses := make([]int, 4)
	for i := range statuses {
		wg.Go(func() {
			one := &client{t: t, site: s}
			statuses[i], _ = one.call(http.MethodPost, "/api/v1/auth/link/use", fmt.Sprintf(`{"token":%q,"password":%q}`, token, next))
		})
	}
	wg.Wait()
	used := 0
	for _, status := range statuses {
		if status == 200 {
			used++
		}
	}
	if used != 1 {
		t.Errorf("used at once: %v", statuses)
	}
	user.want(401, http.MethodPost, "/api/v1/auth/refresh", "{}")
	guest.want(401, http.MethodPost, "/api/v1/auth/login", fmt.Sprintf(`{"email":"user@alpha.example","password":%q}`, good))
	guest.signIn("user@alpha.example", next)
	// Three an hour, whoever asks.
	for range 4 {
		guest.want(202, http.MethodPost, "/api/v1/auth/reset-request", `{"email":"user@alpha.example"}`)
	}
	server.Next(t)
	last := tokenOf(t, server.Next(t).Text)
	guest.want(202, http.MethodPost, "/api/v1/auth/reset-request", `{"email":"nobody@alpha.example"}`)
	// A changed password voids the link.
	guest.want(200, http.MethodPost, "/api/v1/auth/password", fmt.Sprintf(`{"current_password":%q,"new_password":"a third horse battery"}`, next))
	guest.want(400, http.MethodPost, "/api/v1/auth/link/use", fmt.Sprintf(`{"token":%q,"password":%q}`, last, good))
	server.None(t)
}

func TestPeopleAreManaged(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	alpha, beta := pgtest.Tenant(t, s.db, "alpha"), pgtest.Tenant(t, s.db, "beta")
	admin := s.person(t, alpha, "admin@alpha.example", access.Admin)
	user := s.person(t, alpha, "user@alpha.example", access.User)
	stranger := s.person(t, beta, "admin@beta.example", access.Admin)
	path := "/api/v1/users/" + user.id()
	stranger.want(404, http.MethodGet, path, "")
	stranger.want(404, http.MethodPatch, path, `{"role":"ADMIN"}`)
	admin.want(412, http.MethodPatch, path, `{"name":"Late"}`, `"old"`)
	read := admin.want(200, http.MethodGet, path, "")
	modified, err := time.Parse(time.RFC3339Nano, fmt.Sprint(read["last_modified_at"]))
	if err != nil {
		t.Fatal(err)
	}
	if got := admin.want(200, http.MethodPatch, path, `{"name":"Renamed"}`, httpapi.ETag(modified)); got["name"] != "Renamed" {
		t.Errorf("renamed: %v", got)
	}
	admin.want(403, http.MethodPatch, path, `{"role":"MSP_ADMIN"}`)
	admin.want(200, http.MethodPatch, path, `{"role":"MANAGER"}`)
	user.want(401, http.MethodPost, "/api/v1/auth/refresh", "{}") // a new role ends sessions
	user.signIn("user@alpha.example", good)
	if me := user.want(200, http.MethodGet, "/me", ""); me["role"] != "MANAGER" {
		t.Errorf("after the change: %v", me)
	}
	own := "/api/v1/users/" + admin.id()
	admin.want(409, http.MethodPatch, own, `{"name":"Myself"}`)
	admin.want(200, http.MethodPost, path+"/deactivate", "")
	admin.want(409, http.MethodPost, path+"/link", "")
	if got := admin.want(200, http.MethodPost, path+"/activate", ""); got["status"] != "active" {
		t.Errorf("activated: %v", got)
	}
	user.signIn("user@alpha.example", good)
	items, _ := admin.want(200, http.MethodGet, path+"/sessions", "")["items"].([]any)
	if len(items) != 1 {
		t.Errorf("sessions: %v", items)
	}
	admin.want(204, http.MethodDelete, path+"/sessions", "")
	user.want(401, http.MethodPost, "/api/v1/auth/refresh", "{}")
	admin.want(409, http.MethodDelete, path+"/totp", "")

	entries, _ := admin.want(200, http.MethodGet, "/api/v1/audit?action=users.change", "")["items"].([]any)
	if len(entries) != 2 || !strings.Contains(fmt.Sprint(entries), "before:USER") || !strings.Contains(fmt.Sprint(entries), "after:MANAGER") {
		t.Errorf("the log tells of %v", entries)
	}
}

func TestProfile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	user := s.person(t, pgtest.Tenant(t, s.db, "alpha"), "user@alpha.example", access.User)
	s.person(t, pgtest.Tenant(t, s.db, "beta"), "taken@beta.example", access.User)
	me := user.want(200, http.MethodPatch, "/api/v1/me", `{"name":"Ann","time_zone":"Europe/Berlin","theme":"dark"}`)
	if got := fmt.Sprint(me["user"]); !strings.Contains(got, "Europe/Berlin") || !strings.Contains(got, "dark") || !strings.Contains(got, "Ann") {
		t.Errorf("the profile is %v", got)
	}
	user.want(400, http.MethodPatch, "/api/v1/me", `{"time_zone":"../../etc/passwd"}`)
	user.want(400, http.MethodPatch, "/api/v1/me", `{"theme":"pink"}`)
	user.want(409, http.MethodPost, "/api/v1/me/email", `{"email":"taken@beta.example"}`)
	user.want(204, http.MethodPost, "/api/v1/me/email", `{"email":"ann@alpha.example"}`)
	user.want(401, http.MethodPost, "/api/v1/auth/refresh", "{}")
	user.signIn("ann@alpha.example", good)
}

// TestMemberships is S7: nobody takes a role elsewhere, gives one above their own, or changes their own.
func TestMemberships(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	msp := pgtest.Tenant(t, s.db, "msp")
	acme := pgtest.Tenant(t, s.db, "acme", msp.Tenant)
	pgtest.Tenant(t, s.db, "bolt", msp.Tenant)
	pgtest.Tenant(t, s.db, "site", acme.Tenant)
	other := pgtest.Tenant(t, s.db, "other")
	boss := s.person(t, msp, "boss@msp.example", access.MSPAdmin)
	tech := s.person(t, msp, "tech@msp.example", access.ReadOnly)
	admin := s.person(t, acme, "admin@acme.example", access.Admin)
	stranger := s.person(t, other, "admin@other.example", access.Admin)
	techID := tech.id()
	role := func(c *client, tenant string) any {
		return c.want(200, http.MethodGet, "/me?tenant="+tenant, "")["role"]
	}

	boss.want(200, http.MethodPut, "/api/v1/members/"+techID+"?tenant=acme", `{"role":"MANAGER"}`)
	tech.signIn("tech@msp.example", good)
	if role(tech, "acme") != "MANAGER" || role(tech, "site") != "MANAGER" || role(tech, "bolt") != "READONLY" {
		t.Error("the nearest membership decides")
	}
	admin.want(403, http.MethodPut, "/api/v1/members/"+techID, `{"role":"MSP_ADMIN"}`)
	stranger.want(404, http.MethodPut, "/api/v1/members/"+techID, `{"role":"USER"}`)
	stranger.want(404, http.MethodPut, "/api/v1/members/"+techID+"?tenant=acme", `{"role":"USER"}`)
	admin.want(403, http.MethodPut, "/api/v1/members/"+admin.id(), `{"role":"USER"}`)
	admin.want(403, http.MethodPut, "/api/v1/members/"+boss.id(), `{"role":"USER"}`) // stronger

	// The customer sees who can read its data.
	members := fmt.Sprint(admin.want(200, http.MethodGet, "/api/v1/members", "")["items"])
	for _, want := range []string{"boss@msp.example", "tech@msp.example", "admin@acme.example"} {
		if !strings.Contains(members, want) {
			t.Errorf("%s is not among %s", want, members)
		}
	}
	if strings.Contains(members, "other.example") {
		t.Errorf("a stranger is among %s", members)
	}

	explain := func(c *client, tenant, user string) (summary string, rights map[string]string) {
		t.Helper()
		body := c.want(200, http.MethodGet, "/api/v1/access/explain?tenant="+tenant+"&user="+user, "")
		rights = map[string]string{}
		list, _ := body["rights"].([]any)
		for _, item := range list {
			right, _ := item.(map[string]any)
			rights[fmt.Sprint(right["permission"])] = fmt.Sprint(right["why"])
		}
		return fmt.Sprint(body["summary"]), rights
	}
	if summary, rights := explain(boss, "site", "tech@msp.example"); summary != "tech@msp.example is MANAGER at acme, inherited" ||
		rights["query.run"] != "yes, MANAGER at acme, inherited" || !strings.HasPrefix(rights["users.manage"], "no, MANAGER does not have it") {
		t.Errorf("explained: %s %v", summary, rights)
	}
	// A denial holds below as well, and takes nothing else.
	admin.want(400, http.MethodPut, "/api/v1/members/"+techID+"/denied/no.such", `{}`)
	admin.want(204, http.MethodPut, "/api/v1/members/"+techID+"/denied/query.run", `{"reason":"no live queries here"}`)
	tech.signIn("tech@msp.example", good)
	may := func(tenant, permission string) bool {
		return strings.Contains(fmt.Sprint(tech.want(200, http.MethodGet, "/me?tenant="+tenant, "")["permissions"]), permission)
	}
	if may("acme", "query.run") || may("site", "query.run") || !may("acme", "agents.manage") {
		t.Error("the denial does not hold")
	}
	if _, rights := explain(admin, "acme", techID); !strings.HasPrefix(rights["query.run"], "no, denied here or above") {
		t.Errorf("explained: %v", rights["query.run"])
	}
	admin.want(204, http.MethodDelete, "/api/v1/members/"+techID+"/denied/query.run", "")
	admin.want(404, http.MethodDelete, "/api/v1/members/"+techID+"/denied/query.run", "")
	// All denied: the tenant is not there for them.
	admin.want(204, http.MethodPut, "/api/v1/members/"+techID+"/denied/*", `{}`)
	tech.signIn("tech@msp.example", good)
	tech.want(404, http.MethodGet, "/me?tenant=acme", "")
	tech.want(404, http.MethodGet, "/me?tenant=site", "")
	tech.want(200, http.MethodGet, "/me?tenant=bolt", "")
	if summary, _ := explain(boss, "acme", techID); !strings.Contains(summary, "no part in acme") {
		t.Errorf("explained: %s", summary)
	}
	boss.want(204, http.MethodDelete, "/api/v1/members/"+techID+"/denied/*?tenant=acme", "")
	boss.want(204, http.MethodDelete, "/api/v1/members/"+techID+"?tenant=acme", "")
	tech.signIn("tech@msp.example", good)
	if role(tech, "acme") != "READONLY" {
		t.Error("what is inherited does not hold again")
	}
	boss.want(409, http.MethodDelete, "/api/v1/members/"+techID+"?tenant=acme", "") // of the MSP
	stranger.want(404, http.MethodGet, "/api/v1/access/explain?user=tech@msp.example", "")
}

// S10: a recursive call reaches the tenants where the caller may do it, and no others.
func TestRecursiveCallsAreJudgedInEachTenant(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	msp := pgtest.Tenant(t, s.db, "msp")
	acme := pgtest.Tenant(t, s.db, "acme", msp.Tenant)
	pgtest.Tenant(t, s.db, "bolt", msp.Tenant)
	boss := s.person(t, msp, "boss@msp.example", access.MSPAdmin)
	lead := s.person(t, msp, "lead@msp.example", access.Admin)
	s.person(t, acme, "user@acme.example", access.User)
	boss.want(200, http.MethodPut, "/api/v1/members/"+lead.id()+"?tenant=acme", `{"role":"READONLY"}`)
	lead.signIn("lead@msp.example", good)
	list := fmt.Sprint(lead.want(200, http.MethodGet, "/api/v1/users?recursive=true", ""))
	if !strings.Contains(list, "lead@msp.example") || strings.Contains(list, "acme.example") {
		t.Errorf("a READONLY of acme lists its people: %s", list)
	}
	lead.want(403, http.MethodGet, "/api/v1/users?tenant=acme", "")
}

func TestPermissionTable(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	reader := s.person(t, pgtest.Tenant(t, s.db, "alpha"), "reader@alpha.example", access.ReadOnly)
	table := reader.want(200, http.MethodGet, "/api/v1/access/table", "")
	permissions, _ := table["permissions"].([]any)
	features, _ := table["features"].([]any)
	if len(permissions) != len(access.Permissions()) || len(features) != 15 {
		t.Errorf("%d permissions, %d features", len(permissions), len(features))
	}
}
