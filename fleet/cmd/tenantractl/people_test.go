package main

import (
	"bytes"
	"context"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/auth/authtest"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/msp"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/settings"
	"github.com/tenantra/tenantra/fleet/tokens"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// terminalOf is somebody at a terminal of their own: a configuration directory and a server.
type terminalOf struct {
	t      *testing.T
	server string
	ca     string
}

func newTerminal(t *testing.T, site *authtest.Site) *terminalOf {
	t.Helper()
	secure := httptest.NewTLSServer(site.Server.Config.Handler)
	t.Cleanup(secure.Close)
	x := &terminalOf{t: t, server: secure.URL, ca: filepath.Join(t.TempDir(), "ca.pem")}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})
	if err := os.WriteFile(x.ca, text, 0o600); err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "config"))
	t.Setenv("TENANTRA_TOKEN", "")
	t.Setenv("TENANTRA_SERVER", "")
	t.Setenv("TENANTRA_PROFILE", "default")
	t.Setenv("TENANTRA_TENANT", "")
	return x
}

// run runs a command line with the given standard input, and gives what it printed.
func (x *terminalOf) run(input string, args ...string) (out, told string, err error) {
	x.t.Helper()
	var stdout, stderr bytes.Buffer
	app := newApp()
	app.Reader, app.Writer, app.ErrWriter = strings.NewReader(input), &stdout, &stderr
	err = app.RunContext(context.Background(), hoist(append([]string{"tenantractl"}, args...)))
	return stdout.String(), stderr.String(), err
}

func (x *terminalOf) must(input string, args ...string) string {
	x.t.Helper()
	out, told, err := x.run(input, args...)
	if err != nil {
		x.t.Fatalf("tenantractl %s: %v\n%s%s", strings.Join(args, " "), err, out, told)
	}
	return out
}

func (x *terminalOf) login(email string) {
	x.t.Helper()
	x.must(authtest.Password+"\n", "login", "--server", x.server, "--ca-file", x.ca, "--email", email)
}

func newSite(t *testing.T) *authtest.Site {
	t.Helper()
	return authtest.New(t, httpapi.Config{}, func(s *authtest.Site, api *httpapi.API) {
		tokens.NewKeeper(s.DB, s.Auth).Routes(api)
		said := settings.New(settings.Config{DB: s.DB, Home: s.Auth.Home})
		said.Routes(api)
		msp.New(msp.Config{DB: s.DB, Accounts: s.Auth, Support: said.SupportAllowed}).Routes(api)
	})
}

func TestTokensServeWhereNobodyTypesAPassword(t *testing.T) {
	site := newSite(t)
	alpha := pgtest.Tenant(t, site.DB, "alpha")
	site.Person(alpha, "admin@alpha.example", access.Admin)
	x := newTerminal(t, site)
	if _, _, err := x.run("", "whoami"); err == nil || !strings.Contains(err.Error(), "login") {
		t.Errorf("before a sign-in: %v", err)
	}
	x.login("admin@alpha.example")
	token := strings.TrimSpace(x.must("", "tokens", "create", "--name", "robot", "--role", "READONLY", "--days", "1"))
	if !strings.HasPrefix(token, "tnt_") {
		t.Fatalf("the token is %q", token)
	}
	x.must(token+"\n", "login", "--profile", "robot", "--server", x.server, "--ca-file", x.ca, "--token")
	if out := x.must("", "whoami", "--profile", "robot"); !strings.Contains(out, "robot") || !strings.Contains(out, "READONLY") {
		t.Errorf("the profile with a token is %s", out)
	}
	if out := x.must("", "profiles", "-o", "csv"); !strings.Contains(out, "robot,false,"+x.server+",with a token") || !strings.Contains(out, "default,true,"+x.server+",as a person") {
		t.Errorf("profiles: %s", out)
	}
	x.must("", "profiles", "remove", "robot")
	t.Setenv("TENANTRA_SERVER", x.server)
	t.Setenv("TENANTRA_CA_FILE", x.ca)
	t.Setenv("TENANTRA_TOKEN", token)
	if out := x.must("", "whoami"); !strings.Contains(out, "robot") {
		t.Errorf("by the environment: %s", out)
	}
	t.Setenv("TENANTRA_TOKEN", "")
	t.Setenv("TENANTRA_SERVER", "")
	if out := x.must("", "tokens", "-o", "json"); !strings.Contains(out, `"name": "robot"`) || strings.Contains(out, token) {
		t.Errorf("the list: %s", out)
	}
	if _, _, err := x.run("no token\n", "login", "--server", x.server, "--ca-file", x.ca, "--token"); err == nil {
		t.Error("a text that is no token is taken")
	}
}

func TestPeopleTenantsAndSettingsByCommand(t *testing.T) {
	site := newSite(t)
	top := pgtest.Tenant(t, site.DB, "msp")
	acme := pgtest.Tenant(t, site.DB, "acme", top.Tenant)
	pgtest.Tenant(t, site.DB, "bolt", top.Tenant)
	boss := site.Person(top, "boss@msp.example", access.MSPAdmin)
	site.Person(acme, "user@acme.example", access.User)
	x := newTerminal(t, site)
	x.login("boss@msp.example")
	contains := func(out string, wanted ...string) {
		t.Helper()
		for _, w := range wanted {
			if !strings.Contains(out, w) {
				t.Errorf("%q is not in:\n%s", w, out)
			}
		}
	}
	contains(x.must("", "roles", "explain", "boss@msp.example", "acme", "query.run"), "boss@msp.example is MSP_ADMIN at msp, inherited", "yes, MSP_ADMIN at msp, inherited")
	contains(x.must("", "roles", "-o", "csv"), "query.run,SUPER_ADMIN MSP_ADMIN ADMIN MANAGER USER")
	contains(x.must("", "members", "-t", "acme"), "user@acme.example", "boss@msp.example")
	x.must("", "members", "-t", "acme", "deny", "--reason", "test", "user@acme.example", "query.run")
	contains(x.must("", "roles", "explain", "user@acme.example", "acme", "query.run"), "no, denied")
	x.must("", "users", "-t", "acme", "change", "--role", "MANAGER", "user@acme.example")
	contains(x.must("", "users", "-t", "acme", "-o", "csv"), "MANAGER")
	contains(x.must("", "users", "-t", "acme", "invite", "--email", "new@acme.example", "--name", "New"), "/invite#tni_")
	x.must("", "tenants", "plan", "basic", "acme", "bolt")
	contains(x.must("", "tenants", "show", "acme", "-o", "json"), `"plan": "basic"`)
	x.must("", "tenants", "suspend", "--reason", "unpaid", "bolt")
	contains(x.must("", "tenants", "-o", "csv"), "suspended")
	x.must("", "settings", "set", "--lock", "branding.name", "Contoso")
	contains(x.must("", "settings", "-t", "acme", "-o", "csv"), "branding.name,Contoso,msp,false,true")
	x.must("", "modules", "-t", "acme", "set", "--interval", "5m", "processes", "collected")
	contains(x.must("", "modules", "-t", "acme", "-o", "csv"), "processes,System Inventory,collected,300")
	contains(x.must("", "msp", "clients", "-o", "csv"), "acme", "no agent is enrolled")
	contains(x.must("", "audit", "-t", "acme", "--action", "members.*", "-o", "csv"), "members.deny")
	contains(x.must("", "audit", "-t", "acme", "export", "--action", "members.*"), "seq,at,actor_kind", "members.deny")
	if _, _, err := x.run("", "impersonate", "--reason", "because it must be tried", "acme"); err == nil || !strings.Contains(err.Error(), "second factor") {
		t.Errorf("without a second factor: %v", err)
	}
	x.must(authtest.Password+"\n", "step-up")
	boss.Enrol()
	if _, _, err := x.run(authtest.Password+"\n000000\n", "login", "--server", x.server, "--ca-file", x.ca, "--email", "boss@msp.example"); err == nil {
		t.Error("a wrong code is taken")
	}
	x.must(authtest.Password+"\n"+boss.Code()+"\n", "login", "--server", x.server, "--ca-file", x.ca, "--email", "boss@msp.example")
	token := strings.TrimSpace(x.must("", "impersonate", "--reason", "because it must be tried", "--role", "USER", "acme"))
	contains(x.must("", "impersonations", "-t", "acme", "-o", "csv"), "because it must be tried")
	t.Setenv("TENANTRA_TOKEN", token)
	contains(x.must("", "whoami"), "acme", "USER")
}

func TestCompletionScripts(t *testing.T) {
	t.Parallel()
	x := &terminalOf{t: t}
	for shell, want := range map[string]string{"bash": "complete ", "zsh": "#compdef tenantractl", "fish": "complete -c tenantractl"} {
		if out := x.must("", "completion", shell); !strings.Contains(out, want) {
			t.Errorf("%s: %s", shell, out)
		}
	}
	if _, _, err := x.run("", "completion", "tcsh"); err == nil {
		t.Error("an unknown shell is taken")
	}
}
