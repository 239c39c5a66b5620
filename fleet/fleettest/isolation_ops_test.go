package fleettest

import (
	"net/http"
	"testing"

	"github.com/tenantra/tenantra/fleet/client"
)

// opsBodies are what the isolation test sends to operations about saved queries, configurations and exports.
func opsBodies() map[string]any {
	return map[string]any{
		"create-saved-query":   map[string]any{"name": "x", "sql": "SELECT 1"},
		"put-saved-query":      map[string]any{"name": "x", "sql": "SELECT 1"},
		"schedule-saved-query": map[string]any{"pack": "x", "query": "x"},
		"alert-saved-query":    map[string]any{"pack": "x", "query": "x", "rule": "x", "title": "x", "severity": "low"},
	}
}

// opsObjects makes a shared saved query in acme, and gives the path parameters of operations about such.
func opsObjects(t *testing.T, acme *client.Client) map[string]map[string]string {
	t.Helper()
	var saved struct{ ID string }
	body := map[string]any{"name": canary, "sql": "SELECT '" + canary + "' AS told", "sharing": "shared"}
	if err := acme.Do(t.Context(), http.MethodPost, "/saved-queries", nil, body, &saved); err != nil {
		t.Fatal(err)
	}
	objects := map[string]map[string]string{}
	for _, op := range []string{"get-saved-query", "put-saved-query", "delete-saved-query", "list-saved-query-versions", "diff-saved-query", "schedule-saved-query", "alert-saved-query"} {
		objects[op] = map[string]string{"id": saved.ID}
	}
	return objects
}
