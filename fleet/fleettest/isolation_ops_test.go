package fleettest

import (
	"net/http"
	"testing"

	"github.com/tenantra/tenantra/fleet/client"
)

// opsBodies are what the isolation test sends to operations about saved queries, configurations and exports.
func opsBodies() map[string]any {
	layer := map[string]any{"content": map[string]any{"heartbeat_seconds": 60}}
	return map[string]any{
		"add-pack-version":     map[string]any{"yaml": "pack: " + canary + "\nqueries:\n  a:\n    sql: SELECT name FROM processes\n"},
		"create-saved-query":   map[string]any{"name": "x", "sql": "SELECT 1"},
		"put-saved-query":      map[string]any{"name": "x", "sql": "SELECT 1"},
		"schedule-saved-query": map[string]any{"pack": "x", "query": "x"},
		"move-agent":           map[string]any{"tenant_id": "01990000-0000-7000-8000-000000000001"},
		"put-agent-config":     layer, "put-group-config": layer, "put-tenant-config": layer,
		"alert-saved-query": map[string]any{"pack": "x", "query": "x", "rule": "x", "title": "x", "severity": "low"},
	}
}

// opsObjects makes a shared saved query in acme, and layers of its agent and of a group, and gives the path parameters of operations about such.
func opsObjects(t *testing.T, acme *client.Client, agent *Agent) map[string]map[string]string {
	t.Helper()
	layer := map[string]any{"content": map[string]any{"heartbeat_seconds": 77, "packs": map[string]bool{canary: true}}}
	if err := acme.Do(t.Context(), http.MethodPut, "/agent-config/"+agent.ID, nil, layer, nil); err != nil {
		t.Fatal(err)
	}
	var group struct{ ID string }
	if err := acme.Do(t.Context(), http.MethodPost, "/groups", nil, map[string]any{"name": canary + " layer", "kind": "fixed"}, &group); err != nil {
		t.Fatal(err)
	}
	if err := acme.Do(t.Context(), http.MethodPut, "/groups/"+group.ID+"/config", nil, layer, nil); err != nil {
		t.Fatal(err)
	}
	var saved struct{ ID string }
	body := map[string]any{"name": canary, "sql": "SELECT '" + canary + "' AS told", "sharing": "shared"}
	if err := acme.Do(t.Context(), http.MethodPost, "/saved-queries", nil, body, &saved); err != nil {
		t.Fatal(err)
	}
	objects := map[string]map[string]string{}
	for _, op := range []string{"get-agent-config", "put-agent-config", "delete-agent-config", "move-agent", "rotate-agent-key"} {
		objects[op] = map[string]string{"id": agent.ID}
	}
	for _, op := range []string{"get-group-config", "put-group-config", "delete-group-config"} {
		objects[op] = map[string]string{"id": group.ID}
	}
	for _, op := range []string{"get-saved-query", "put-saved-query", "delete-saved-query", "list-saved-query-versions", "diff-saved-query", "schedule-saved-query", "alert-saved-query"} {
		objects[op] = map[string]string{"id": saved.ID}
	}
	return objects
}
