package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/auth/authtest"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/usage"
)

// What the design fixes as names of commands is there. Reports and fixes have no feature yet that they could call.
func TestEveryCommandOfTheDesignExists(t *testing.T) {
	t.Parallel()
	app := newApp()
	for _, name := range strings.Fields(`login whoami tenants users agents enroll-secret query packs schedules frameworks compliance
		findings alerts rules exports usage audit apply get`) {
		if !slices.ContainsFunc(app.Commands, func(c *cli.Command) bool { return c.Name == name }) {
			t.Errorf("there is no command %s", name)
		}
	}
	seen := map[string]bool{}
	var walk func(path string, commands []*cli.Command)
	walk = func(path string, commands []*cli.Command) {
		for _, c := range commands {
			at := path + " " + c.Name
			if c.Usage == "" || seen[at] || c.Action == nil && len(c.Subcommands) == 0 {
				t.Errorf("%s: no usage line, there twice, or does nothing", at)
			}
			seen[at] = true
			walk(at, c.Subcommands)
		}
	}
	walk("tenantractl", app.Commands)
}

// TestResourcesAreWhatTheAPIHas holds the paths and columns of get to the description of the API.
func TestResourcesAreWhatTheAPIHas(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "ui", "openapi.json"))
	if err != nil {
		t.Fatal(err)
	}
	type schema struct {
		Ref        string             `json:"$ref"`
		Properties map[string]*schema `json:"properties"`
		Items      *schema            `json:"items"`
	}
	var api struct {
		Paths map[string]struct {
			Get struct {
				Responses map[string]struct {
					Content map[string]struct {
						Schema *schema `json:"schema"`
					} `json:"content"`
				} `json:"responses"`
			} `json:"get"`
		} `json:"paths"`
		Components struct {
			Schemas map[string]*schema `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(text, &api); err != nil {
		t.Fatal(err)
	}
	follow := func(s *schema) *schema {
		for s != nil && s.Ref != "" {
			s = api.Components.Schemas[s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]]
		}
		if s == nil {
			return &schema{}
		}
		return s
	}
	for name, r := range resources {
		page := follow(api.Paths["/api/v1"+r.path].Get.Responses["200"].Content["application/json"].Schema)
		list := page.Properties["items"]
		if list == nil {
			t.Errorf("%s: %s is no list of the API", name, r.path)
			continue
		}
		item := follow(follow(list).Items)
		for _, column := range r.columns {
			if item.Properties[column] == nil {
				t.Errorf("%s has no %s", name, column)
			}
		}
	}
}

func TestUsageFromTheCommandLine(t *testing.T) {
	site := authtest.New(t, httpapi.Config{}, func(s *authtest.Site, api *httpapi.API) {
		usage.New(usage.Config{DB: s.DB, Now: s.Clock.Now, Tenants: func(ctx context.Context) ([]int32, error) { return nil, nil }}).Routes(api)
	})
	alpha := pgtest.Tenant(t, site.DB, "alpha")
	pgtest.Tenant(t, site.DB, "beta", alpha.Tenant)
	site.Person(alpha, "billing@alpha.example", access.BillingViewer)
	x := newTerminal(t, site)
	x.login("billing@alpha.example")
	out := x.must("", "usage", "--recursive", "-o", "csv")
	if lines := strings.Split(strings.TrimSpace(out), "\n"); len(lines) != 11 || lines[0] != "tenant,plan,meter,used,of,period,state,at the limit" || lines[1] != "alpha,enterprise,agents,0,,now,fine,refused" || !strings.HasPrefix(lines[6], "beta,") {
		t.Errorf("as CSV:\n%s", out)
	}
	var all []map[string]any
	if err := json.Unmarshal([]byte(x.must("", "get", "usage", "-r", "-o", "json")), &all); err != nil || len(all) != 2 {
		t.Errorf("as JSON: %v, %v", all, err)
	}
	if out := x.must("", "usage", "history", "--by", "month", "-o", "csv"); strings.TrimSpace(out) != "period,tenant,agents,agents seen,batches,rows,bytes,live queries,scans,exports,stored rows,stored bytes" {
		t.Errorf("history: %s", out)
	}
	for _, wrong := range [][]string{{"get"}, {"get", "nothing"}, {"usage", "history", "--by"}, {"exports", "nothing"}, {"agents", "rotate-key"}, {"packs", "diff"}, {"packs", "restore", "a", "b"}} {
		if _, _, err := x.run("", wrong...); err == nil || !isUsage(err) {
			t.Errorf("%v: %v, want a usage error", wrong, err)
		}
	}
}

func isUsage(err error) bool {
	_, ok := err.(usageError)
	return ok
}
