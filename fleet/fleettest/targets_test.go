package fleettest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/client"
)

// TestTargetsAreNeverWidened is S29: a target that names nobody asks nobody. It is refused, or the query has no targets; what
// it is not is everybody.
func TestTargetsAreNeverWidened(t *testing.T) {
	t.Parallel()
	f := Start(t)
	acme, globex := f.Tenant("acme"), f.Tenant("globex")
	agent, foreign := f.Agent("acme", "one"), f.Agent("globex", "two")
	Eventually(t, "the agents are online", func() error {
		for c, id := range map[*client.Client]string{acme: agent.ID, globex: foreign.ID} {
			a, err := client.Get[client.Agent](t.Context(), c, "/agents/"+id, nil)
			if err == nil && a.Status != "online" {
				err = errors.New(a.Status)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	ask := func(body map[string]any, query url.Values) (targets int64, err error) {
		var asked struct{ Targets int64 }
		body["sql"] = "SELECT name FROM os_version"
		err = acme.Do(t.Context(), http.MethodPost, "/live-queries", query, body, &asked)
		return asked.Targets, err
	}
	target := func(name string, value any) map[string]any {
		return map[string]any{"target": map[string]any{name: value}}
	}
	if n, err := ask(map[string]any{}, nil); err != nil || n != 1 {
		t.Fatalf("all agents of acme: %d, %v", n, err)
	}
	for name, body := range map[string]map[string]any{
		"a tag that nobody has":          target("tags", []string{"nobody-has-it"}),
		"a platform without hosts":       target("platforms", []string{"windows"}),
		"an unknown platform":            target("platforms", []string{"plan9"}),
		"a group that is not there":      target("groups", []string{uuid.NewString()}),
		"an agent that is not there":     target("agent_ids", []string{uuid.NewString()}),
		"an agent of another tenant":     target("agent_ids", []string{foreign.ID}),
		"no agents":                      target("agent_ids", []string{}),
		"no tags":                        target("tags", []string{}),
		"no platforms":                   target("platforms", []string{}),
		"no groups":                      target("groups", []string{}),
		"an empty intersection":          {"target": map[string]any{"agent_ids": []string{agent.ID}, "platforms": []string{"windows"}}},
		"a statement that names nobody":  target("sql", "SELECT agent FROM os_version WHERE name = 'no such system'"),
		"a tenant's name among agents":   target("agent_ids", []string{"acme"}),
		"a target by a field of its own": target("everybody", true),
		"a wait that is none":            {"wait_seconds": -1},
		"a time that is none":            {"timeout_seconds": -1},
	} {
		if n, err := ask(body, nil); n != 0 || err != nil && !isRefusal(err) {
			t.Errorf("%s: %d targets, %v", name, n, err)
		}
	}
	for _, tenant := range []string{"globex", "Tenant acme", "*", uuid.NewString(), "acme,globex"} {
		if n, err := ask(map[string]any{}, url.Values{"tenant": {tenant}}); err == nil {
			t.Errorf("tenant %q: %d targets", tenant, n)
		}
	}
	if n, err := ask(map[string]any{}, url.Values{"recursive": {"true"}}); err != nil || n != 1 {
		t.Errorf("acme and what is below it: %d, %v", n, err)
	}
}

// isRefusal tells an answer that says what was wrong with the request.
func isRefusal(err error) bool {
	var refused *client.Error
	return errors.As(err, &refused) && refused.Status >= 400 && refused.Status < 500 && fmt.Sprint(refused) != ""
}
