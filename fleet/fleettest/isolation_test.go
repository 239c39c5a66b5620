package fleettest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tenantra/tenantra/fleet/client"
)

// canary is in every text that tenant acme gives away; another tenant must never read it.
const canary = "canary4711"

// canaryRule is an alert rule that fires on every agent that has told what a check asks.
const canaryRule = "rule: " + canary + `
title: ` + canary + `
on: collection
collections: [check:telnet-listening]
when: len(rows) >= 0 and agent.hostname != "none"
severity: low
message: ` + canary + `
fixtures:
  - {name: yes, fires: true}
  - {name: no, fires: false, agent: {hostname: none}}
`

// operation is one call of the API as /openapi.json has it.
type operation struct {
	id, method, path string
	public           bool
	hasBody          bool
	recursive        bool // may be asked for a subtree
}

// operations reads the list of calls that the server really serves.
func operations(t *testing.T, c *client.Client, f *Fleet) []operation {
	t.Helper()
	document, err := f.OpenAPI(c)
	if err != nil {
		t.Fatal(err)
	}
	var list []operation
	for path, methods := range document.Paths {
		for method, op := range methods {
			recursive := slices.ContainsFunc(op.Parameters, func(p Parameter) bool { return p.Name == "recursive" })
			list = append(list, operation{recursive: recursive, id: op.OperationID, method: strings.ToUpper(method), path: strings.TrimPrefix(path, "/api/v1"),
				public: op.Security != nil && len(*op.Security) == 0, hasBody: op.RequestBody != nil})
		}
	}
	slices.SortFunc(list, func(a, b operation) int { return strings.Compare(a.id, b.id) })
	return list
}

// TestAnotherTenantSeesNothingOnAnyRoute is S1, generated from the API's own description: the administrator of globex calls
// every operation with acme's ids, and in acme's name, and gets the answer that a missing object gets. An operation whose
// path parameters have no value here fails, so that a new route cannot be forgotten.
func TestAnotherTenantSeesNothingOnAnyRoute(t *testing.T) {
	t.Parallel()
	f := Start(t)
	acme := f.Tenant("acme")
	globex := f.Tenant("globex")
	agent := f.Agent("acme", canary)
	Eventually(t, "the agent is online", func() error {
		a, err := client.Get[client.Agent](t.Context(), acme, "/agents/"+agent.ID, nil)
		if err == nil && a.Status != "online" {
			err = errors.New(a.Status)
		}
		return err
	})
	ids := acmeObjects(t, f, acme, agent)
	bodies := map[string]any{
		"create-tenant":        map[string]any{"name": "x", "slug": "x-slug", "plan": "pro"},
		"create-user":          map[string]any{"email": "x@x.example", "name": "x", "role": "USER"},
		"create-enroll-secret": map[string]any{"max_uses": 1},
		"ask-live-query":       map[string]any{"sql": "SELECT name FROM processes", "target": map[string]any{"agent_ids": []string{agent.ID}}},
		"put-pack":             map[string]any{"yaml": "pack: " + canary + "\nqueries:\n  a:\n    sql: SELECT name FROM processes\n"},
		"put-schedule":         map[string]any{"enabled": false},
		"lint-query":           map[string]any{"sql": "SELECT 1"},
		"estimate-query":       map[string]any{"sql": "SELECT 1"},
		"query-live-answers":   map[string]any{"sql": "SELECT * FROM answers"},
		"trigger-scan":         map[string]any{"target": map[string]any{"agent_ids": []string{agent.ID}}},
		"create-group":         map[string]any{"name": "x", "kind": "fixed"},
		"put-group":            map[string]any{"name": "x", "kind": "fixed"},
		"set-group-agents":     map[string]any{"agent_ids": []string{agent.ID}},
		"set-agent-tags":       map[string]any{"tags": []string{"x"}},
		"run-query":            map[string]any{"sql": "SELECT name, hostname FROM processes"},
		"put-rule":             map[string]any{"yaml": canaryRule},
		"check-rule":           map[string]any{"yaml": canaryRule},
		"dry-run-rule":         map[string]any{"yaml": canaryRule},
		"put-rule-settings":    map[string]any{"enabled": false},
		"snooze-alert":         map[string]any{"minutes": 5},
		"create-alert-window":  map[string]any{"name": "x", "kind": "quiet", "days": []int{1}, "minutes": 60, "zone": "UTC"},
		"create-channel":       map[string]any{"name": "x", "kind": "email", "config": map[string]any{"to": []string{"x@x.example"}}},
		"put-channel":          map[string]any{"name": "x", "kind": "email", "config": map[string]any{"to": []string{"x@x.example"}}},
		"create-baseline":      map[string]any{"name": "x", "collection": "pack:inventory/users", "mode": "pinned"},
		"put-importance":       map[string]any{"importance": 1},
		"put-risk-weights":     map[string]any{"reason": "none", "weights": map[string]any{"severity": map[string]any{"low": 1, "medium": 1, "high": 1, "critical": 1}, "kinds": map[string]any{}, "reachable": 1, "local": 1, "importance": []int{1, 1, 1, 1, 1}, "scale": 1}},
		"put-drift-policy":     map[string]any{"yaml": ""},
		"create-view":          map[string]any{"page": "agents", "name": "x", "search": ""},
		"update-view":          map[string]any{"name": "x", "search": ""},
		"put-default-view":     map[string]any{"default": true},
		"read-inbox":           map[string]any{"to": "01990000-0000-7000-8000-000000000001"},
	}
	bodies = merged(bodies, peopleBodies())
	// What answers alike for everybody, or only about the caller.
	general := map[string]bool{"list-tables": true, "get-permission-table": true, "lint-query": true, "convert-packs": true, "check-rule": true, "get-me": true, "change-password": true, "login": true, "refresh": true, "logout": true}

	maps.Copy(ids, complianceObjects(t, acme, agent.ID))
	maps.Copy(bodies, complianceBodies())
	maps.Copy(ids, opsObjects(t, acme, agent))
	maps.Copy(bodies, opsBodies())
	called := 0
	for _, op := range operations(t, acme, f) {
		if op.public || general[op.id] {
			continue
		}
		path, missing := fill(op.path, ids[op.id], ids["*"])
		if missing != "" {
			t.Errorf("%s %s: this test has no value for {%s}: add one to acmeObjects", op.method, op.path, missing)
			continue
		}
		var body any
		if op.hasBody {
			if body = bodies[op.id]; body == nil {
				body = map[string]any{}
			}
		}
		for _, query := range []url.Values{nil, {"recursive": {"true"}}, {"tenant": {"acme"}}, {"tenant": {"acme"}, "recursive": {"true"}}, {"tenant": {ids["tenant"]["id"]}}} {
			if query.Get("recursive") != "" && !op.recursive {
				continue
			}
			if query.Get("tenant") == "" && op.method != http.MethodGet && !strings.Contains(op.path, "{") {
				continue // a change in globex itself
			}
			if query == nil && strings.HasSuffix(op.path, "/events") || query.Get("recursive") != "" && query.Get("tenant") == "" && strings.HasSuffix(op.path, "/events") {
				continue // a stream of globex itself, without an end; its own test is in fleet/events
			}
			called++
			var answer json.RawMessage
			err := globex.Do(t.Context(), op.method, path, query, body, &answer)
			// A pack of globex's own may have the same name; putting one, or bringing back its text, shows what was put.
			own := query.Get("tenant") == "" && (op.method == http.MethodPut || op.id == "roll-back-pack")
			if !own && strings.Contains(string(answer), canary) || err != nil && strings.Contains(err.Error(), canary) && !strings.Contains(path, canary) {
				t.Errorf("%s %s?%s shows acme's data: %.300s %v", op.method, path, query.Encode(), answer, err)
			}
			// With acme named, or an object of acme's in the path, only "not found" is right. A pack's or schedule's name is
			// no secret and may exist in globex too.
			foreign := query.Get("tenant") != "" || strings.Contains(op.path, "{id}")
			var refused *client.Error
			if errors.As(err, &refused) && refused.Status == http.StatusForbidden && query.Get("tenant") == "" && withheld[op.id] {
				continue
			}
			if foreign && !(errors.As(err, &refused) && refused.Status == http.StatusNotFound) {
				t.Errorf("%s %s?%s: %v %.200s, want 404", op.method, path, query.Encode(), err, answer)
			}
		}
	}
	if called < 40 {
		t.Errorf("only %d calls were made: is the description complete?", called)
	}
	// All of it left acme as it was.
	if a, err := client.Get[client.Agent](t.Context(), acme, "/agents/"+agent.ID, nil); err != nil || a.Status == "revoked" {
		t.Errorf("acme's agent after the calls: %+v, %v", a, err)
	}
	if _, err := client.Get[client.Pack](t.Context(), acme, "/packs/"+canary, nil); err != nil {
		t.Errorf("acme's pack after the calls: %v", err)
	}
}

// fill puts values into a path's parameters: the operation's own, else those for all.
func fill(path string, own, all map[string]string) (filled, missing string) {
	for {
		start := strings.IndexByte(path, '{')
		if start < 0 {
			return path, ""
		}
		end := strings.IndexByte(path, '}')
		name := path[start+1 : end]
		value, ok := own[name]
		if !ok {
			value, ok = all[name]
		}
		if !ok {
			return "", name
		}
		path = path[:start] + url.PathEscape(value) + path[end+1:]
	}
}

// acmeObjects makes one object of each kind in acme and gives the path parameters that name it, by operation.
func acmeObjects(t *testing.T, f *Fleet, acme *client.Client, agent *Agent) map[string]map[string]string {
	t.Helper()
	do := func(method, path string, body, out any) {
		t.Helper()
		if err := acme.Do(t.Context(), method, path, nil, body, out); err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
	}
	var secret client.EnrollSecret
	do(http.MethodPost, "/enroll-secrets", map[string]any{"tags": []string{canary}}, &secret)
	do(http.MethodPut, "/packs/"+canary, map[string]string{"yaml": "pack: " + canary + "\nqueries:\n  a:\n    sql: SELECT name FROM processes\n"}, nil)
	var user struct {
		User client.User `json:"user"`
	}
	do(http.MethodPost, "/users", map[string]any{"email": canary + "@acme.example", "name": canary, "role": "READONLY"}, &user)
	var asked struct{ ID string }
	ask := func() {
		t.Helper()
		do(http.MethodPost, "/live-queries", map[string]any{"sql": "SELECT '" + canary + "' AS told", "timeout_seconds": 60}, &asked)
	}
	ask()
	Eventually(t, "the live query ends", func() error {
		q, err := client.Get[client.LiveQuery](t.Context(), acme, "/live-queries/"+asked.ID, nil)
		switch {
		case err != nil:
			return err
		case q.State == "done" && q.Rows == 0:
			ask() // the agent was too busy with its first scan
		}
		if q.State != "done" || q.Rows != 1 {
			return fmt.Errorf("%s with %d rows", q.State, q.Rows)
		}
		return nil
	})
	var finding client.Finding
	Eventually(t, "a finding opens", func() error {
		found, err := drain(client.List[client.Finding](t.Context(), acme, "/findings", nil))
		if err == nil && len(found) == 0 {
			err = errors.New("none yet")
		}
		if len(found) > 0 {
			finding = found[0]
		}
		return err
	})
	tenants, err := drain(client.List[client.Tenant](t.Context(), acme, "/tenants", nil))
	if err != nil || len(tenants) != 1 {
		t.Fatalf("acme's tenants: %+v, %v", tenants, err)
	}
	do(http.MethodPut, "/rules/"+canary, map[string]string{"yaml": canaryRule}, nil)
	var alert struct{ ID string }
	Eventually(t, "an alert opens", func() error {
		found, err := drain(client.List[struct{ ID string }](t.Context(), acme, "/alerts", url.Values{"rule": {canary}}))
		if err == nil && len(found) == 0 {
			err = errors.New("none yet")
		}
		if len(found) > 0 {
			alert = found[0]
		}
		return err
	})
	var window, channel, notice struct{ ID string }
	do(http.MethodPost, "/alert-windows", map[string]any{"name": canary, "kind": "quiet", "days": []int{1}, "minutes": 60, "zone": "UTC"}, &window)
	do(http.MethodPost, "/channels", map[string]any{"name": canary, "kind": "email", "config": map[string]any{"to": []string{canary + "@acme.example"}}}, &channel)
	do(http.MethodPost, "/channels/"+channel.ID+"/test", nil, &notice)
	var baseline struct{ ID string }
	do(http.MethodPost, "/baselines", map[string]any{"name": canary, "collection": "pack:inventory/users", "mode": "pinned"}, &baseline)
	byAlert, byChannel, byNotice, byRule := map[string]string{"id": alert.ID}, map[string]string{"id": channel.ID}, map[string]string{"id": notice.ID}, map[string]string{"rule": canary}
	var group, scan, view struct{ ID string }
	do(http.MethodPost, "/views", map[string]any{"page": "agents", "name": canary, "search": "f=hostname:" + canary, "shared": true}, &view)
	do(http.MethodPost, "/groups", map[string]any{"name": canary, "kind": "expr", "rule": "true"}, &group)
	do(http.MethodPost, "/scan/trigger", map[string]any{"packs": []string{"inventory"}}, &scan)
	byGroup, byScan := map[string]string{"id": group.ID}, map[string]string{"id": scan.ID}
	byView := map[string]string{"id": view.ID}
	byAgent := map[string]string{"id": agent.ID, "collection": "check:telnet-listening"}
	byQuery := map[string]string{"id": asked.ID}
	byFinding := map[string]string{"id": finding.ID}
	byPack := map[string]string{"name": canary, "pack": canary}
	byVersion := map[string]string{"name": canary, "number": "1"}
	return merged(map[string]map[string]string{
		"tenant":         {"id": tenants[0].ID},
		"get-risk-asset": byAgent, "list-agent-modules": byAgent, "put-importance": byAgent,
		"get-agent": byAgent, "revoke-agent": byAgent, "approve-agent": byAgent, "list-collections": byAgent, "list-collection-rows": byAgent,
		"get-live-query": byQuery, "list-live-query-agents": byQuery, "list-live-query-rows": byQuery, "stream-live-query": byQuery, "cancel-live-query": byQuery, "query-live-answers": byQuery,
		"decommission-agent": byAgent, "set-agent-tags": byAgent, "list-agent-log": byAgent,
		"get-group": byGroup, "put-group": byGroup, "delete-group": byGroup, "list-group-agents": byGroup, "set-group-agents": byGroup,
		"get-scan": byScan, "list-scan-agents": byScan, "list-scan-results": byScan, "cancel-scan": byScan,
		"update-view": byView, "put-default-view": byView, "delete-view": byView,
		"get-finding": byFinding, "acknowledge-finding": byFinding, "reopen-finding": byFinding,
		"get-alert": byAlert, "acknowledge-alert": byAlert, "snooze-alert": byAlert, "reopen-alert": byAlert, "resolve-alert": byAlert, "delete-alert-window": {"id": window.ID},
		"delete-baseline": {"id": baseline.ID}, "list-deviations": {"id": baseline.ID},
		"get-rule": byRule, "put-rule": byRule, "delete-rule": byRule, "put-rule-settings": byRule,
		"put-channel": byChannel, "delete-channel": byChannel, "test-channel": byChannel, "rotate-channel-key": byChannel, "get-notification": byNotice, "replay-notification": byNotice,
		"delete-enroll-secret": {"id": secret.ID}, "deactivate-user": {"id": user.User.ID},
		"get-pack": byPack, "list-pack-versions": byPack, "add-pack-version": byPack, "diff-pack": byPack, "get-pack-version": byVersion, "roll-back-pack": byVersion, "put-pack": byPack, "delete-pack": byPack, "put-schedule": byPack,
	}, peopleObjects(t, f, acme, tenants[0].ID, user.User.ID))
}
