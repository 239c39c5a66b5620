package fleettest

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/client"
)

// described is an operation with what the description of the API says of it.
type described struct {
	operation
	feature    access.Feature
	parameters []Parameter
}

// describedOperations reads them all.
func describedOperations(t *testing.T, f *Fleet) []described {
	t.Helper()
	document, err := f.OpenAPI(f.Admin)
	if err != nil {
		t.Fatal(err)
	}
	byID := map[string]described{}
	for path, methods := range document.Paths {
		for method, op := range methods {
			byID[op.OperationID] = described{feature: access.Feature(op.Feature), parameters: op.Parameters,
				operation: operation{id: op.OperationID, method: strings.ToUpper(method), path: strings.TrimPrefix(path, "/api/v1"), hasBody: op.RequestBody != nil,
					public: op.Security != nil && len(*op.Security) == 0}}
		}
	}
	var all []described
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		all = append(all, byID[id])
	}
	if len(all) < 100 {
		t.Fatalf("only %d operations are described", len(all))
	}
	return all
}

// anywhere fills every parameter of a path with something that does not exist.
func (d described) anywhere() string {
	return regexp.MustCompile(`\{[a-z_]+\}`).ReplaceAllStringFunc(d.path, func(name string) string {
		switch name {
		case "{id}":
			return uuid.NewString()
		case "{number}":
			return "1"
		default:
			return "nowhere"
		}
	})
}

// TestTheAPIWithstandsItsCallers has callers of a real server try what they may not: S4, S8, S12, S29, and the tiers.
func TestTheAPIWithstandsItsCallers(t *testing.T) {
	t.Parallel()
	f := Start(t)
	acme := f.Tenant("acme")
	operations := describedOperations(t, f)
	for name, test := range map[string]func(*testing.T, *Fleet, *client.Client, []described){
		"S4 hostile parameters":                  hostileParameters,
		"S8 no secret reaches who only reads":    noSecretToReaders,
		"S12 what is foreign looks like nothing": foreignLooksLikeNothing,
		"S29 a target that names nobody":         targetsNameNobody,
		"the tier table":                         tierTable,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, f, acme, operations)
		})
	}
}

func statusOf(err error) int {
	var refused *client.Error
	if errors.As(err, &refused) {
		return refused.Status
	}
	return 0
}

// hostileParameters sends every text parameter of every reading call what would break out of a statement: it is refused or
// it is text.
func hostileParameters(t *testing.T, _ *Fleet, acme *client.Client, operations []described) {
	calls := 0
	for _, op := range operations {
		if op.public || op.method != http.MethodGet || strings.HasSuffix(op.path, "/events") || strings.HasSuffix(op.path, "/export") {
			continue // streams, which are no JSON
		}
		for _, p := range op.parameters {
			if p.In != "query" || p.Name == "tenant" || p.Name == "recursive" {
				continue
			}
			for _, value := range []string{`'; DROP TABLE tenants;--`, "\"`);--", "name,(SELECT 1)", "\x00", "%"} {
				var answer json.RawMessage
				err := acme.Do(t.Context(), http.MethodGet, op.anywhere(), url.Values{p.Name: {value}}, nil, &answer)
				if status := statusOf(err); err != nil && (status < 400 || status >= 500) {
					t.Errorf("%s ?%s=%q: %v", op.id, p.Name, value, err)
				}
				if text := string(answer) + errorText(err); regexp.MustCompile(`(?i)pgx|sqlstate|syntax error at|relation "`).MatchString(text) {
					t.Errorf("%s ?%s=%q shows the database's words: %.300s", op.id, p.Name, value, text)
				}
				calls++
			}
		}
	}
	if calls < 200 {
		t.Errorf("only %d calls were made", calls)
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// secretShape is what enrol secrets, tokens, refresh tokens, links and webhook keys look like.
var secretShape = regexp.MustCompile(`\b(tne|tnt|tnr|tnp|tni|whsec)_[A-Za-z0-9_-]{16,}`)

// noSecretToReaders has a READONLY person read every list of a tenant that has secrets of each kind.
func noSecretToReaders(t *testing.T, f *Fleet, acme *client.Client, operations []described) {
	do := func(path string, body any) {
		t.Helper()
		if err := acme.Do(t.Context(), http.MethodPost, path, nil, body, nil); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	do("/enroll-secrets", map[string]any{"max_uses": 1})
	do("/me/tokens", map[string]any{"name": "robot"})
	do("/channels", map[string]any{"name": "hook", "kind": "webhook", "config": map[string]any{"url": "https://hooks.example.com/in"}})
	var made struct {
		Password string `json:"one_time_password"`
	}
	f.Do(http.MethodPost, "/users", "acme", map[string]any{"email": "reader@acme.example", "name": "Reader", "role": "READONLY"}, &made)
	reader := f.SignIn("reader@acme.example", made.Password)
	read := 0
	for _, op := range operations {
		if op.public || op.method != http.MethodGet || strings.HasSuffix(op.path, "/events") || strings.Contains(op.path, "{") {
			continue
		}
		var answer json.RawMessage
		err := reader.Do(t.Context(), http.MethodGet, op.path, nil, nil, &answer)
		if found := secretShape.FindString(string(answer)); found != "" || strings.Contains(string(answer), made.Password) {
			t.Errorf("%s shows a secret: %.12s…", op.id, found)
		}
		if err == nil {
			read++
		}
	}
	if read < 15 {
		t.Errorf("only %d calls were answered", read)
	}
	if err := reader.Do(t.Context(), http.MethodGet, "/enroll-secrets", nil, nil, nil); statusOf(err) != http.StatusForbidden {
		t.Errorf("a reader lists enrol secrets: %v", err)
	}
}

// foreignLooksLikeNothing compares the answer about another tenant's object with that about none.
func foreignLooksLikeNothing(t *testing.T, f *Fleet, acme *client.Client, operations []described) {
	globex := f.Tenant("globex")
	foreign := map[string]string{}
	var made struct{ ID string }
	for path, body := range map[string]any{
		"/groups":        map[string]any{"name": "theirs", "kind": "expr", "rule": "true"},
		"/saved-queries": map[string]any{"name": "theirs", "sql": "SELECT 1", "sharing": "shared"},
		"/channels":      map[string]any{"name": "theirs", "kind": "email", "config": map[string]any{"to": []string{"x@x.example"}}},
		"/baselines":     map[string]any{"name": "theirs", "collection": "pack:inventory/users", "mode": "pinned"},
	} {
		if err := acme.Do(t.Context(), http.MethodPost, path, nil, body, &made); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		foreign[path] = made.ID
	}
	compared := 0
	for _, op := range operations {
		prefix, _, _ := strings.Cut(op.path, "/{id}")
		id := foreign[prefix]
		if id == "" || op.method != http.MethodGet || !strings.Contains(op.path, "{id}") {
			continue
		}
		about := func(id string) (int, string) {
			err := globex.Do(t.Context(), http.MethodGet, strings.Replace(op.path, "{id}", id, 1), nil, nil, nil)
			return statusOf(err), strings.ReplaceAll(errorText(err), id, "")
		}
		theirs, text := about(id)
		nobodys, plain := about(uuid.NewString())
		if theirs != http.StatusNotFound || theirs != nobodys || text != plain {
			t.Errorf("%s: %d %q of another tenant's, %d %q of none", op.id, theirs, text, nobodys, plain)
		}
		compared++
	}
	if compared < 5 {
		t.Errorf("only %d calls were compared", compared)
	}
	// A name that another tenant has is free.
	if err := globex.Do(t.Context(), http.MethodPost, "/groups", nil, map[string]any{"name": "theirs", "kind": "expr", "rule": "true"}, nil); err != nil {
		t.Errorf("another tenant's name is taken: %v", err)
	}
}

// targetsNameNobody has questions and scans say whom they are for in ways that name nobody: they never widen to all.
func targetsNameNobody(t *testing.T, f *Fleet, acme *client.Client, _ []described) {
	f.Agent("acme", "only-one")
	for name, target := range map[string]map[string]any{
		"an unknown tag":             {"tags": []string{"nowhere"}},
		"an empty intersection":      {"platforms": []string{"linux"}, "tags": []string{"nowhere"}},
		"a platform without hosts":   {"platforms": []string{"windows"}},
		"an agent that is not there": {"agent_ids": []string{uuid.NewString()}},
		"a group that is not there":  {"groups": []string{uuid.NewString()}},
		"no id at all":               {"agent_ids": []string{"acme"}},
	} {
		for path, body := range map[string]map[string]any{
			"/live-queries": {"sql": "SELECT 1 AS n", "target": target},
			"/scan/trigger": {"target": target},
		} {
			if err := acme.Do(t.Context(), http.MethodPost, path, nil, body, nil); statusOf(err) != http.StatusBadRequest && statusOf(err) != http.StatusNotFound {
				t.Errorf("%s to %s: %v", path, name, err)
			}
		}
	}
	for _, body := range []map[string]any{{"max_uses": -1}, {"expires_in_hours": -1}, {"expires_in_hours": 721}} {
		if err := acme.Do(t.Context(), http.MethodPost, "/enroll-secrets", nil, body, nil); statusOf(err) != http.StatusBadRequest {
			t.Errorf("an enrol secret with %v: %v", body, err)
		}
	}
}

// elsewhere are the features of the tier table that no operation as a whole is behind, and where they are checked.
var elsewhere = map[access.Feature]string{
	access.AgentScanning:   "every plan has it",
	access.Dashboard:       "every plan has it",
	access.ChatIntegration: "the kind of a channel, fleet/notify",
	access.AuditRetention:  "one setting, fleet/settings",
	access.Connectors:      "no operation yet",
}

// tierTable calls every operation that a plan switches on as a tenant whose plan does not have it, and holds that every
// feature of the table has its operations.
func tierTable(t *testing.T, f *Fleet, _ *client.Client, operations []described) {
	f.Do(http.MethodPost, "/tenants", "root", map[string]any{"name": "Thrift", "slug": "thrift", "plan": "free"}, nil)
	var made struct {
		Password string `json:"one_time_password"`
	}
	f.Do(http.MethodPost, "/users", "thrift", map[string]any{"email": "admin@thrift.example", "name": "Admin", "role": "ADMIN"}, &made)
	thrift := f.SignIn("admin@thrift.example", made.Password)
	gated := map[access.Feature]int{}
	for _, op := range operations {
		if op.feature == "" {
			continue
		}
		gated[op.feature]++
		var body any
		if op.hasBody {
			body = map[string]any{}
		}
		err := thrift.Do(t.Context(), op.method, op.anywhere(), nil, body, nil)
		if op.id == "create-tenant" && statusOf(err) == http.StatusForbidden {
			continue // an ADMIN makes no tenants, whatever the plan
		}
		var refused *client.Error
		if !errors.As(err, &refused) || refused.Status != http.StatusForbidden || refused.Code != "tier_required" ||
			!strings.Contains(refused.Detail, string(op.feature)) || !strings.Contains(refused.Detail, string(op.feature.Tier())) {
			t.Errorf("%s with the plan free: %v, want tier_required that names %s and %s", op.id, err, op.feature, op.feature.Tier())
		}
	}
	for _, feature := range access.Features() {
		if (gated[feature] == 0) != (elsewhere[feature] != "") {
			t.Errorf("%s has %d operations; elsewhere: %q", feature, gated[feature], elsewhere[feature])
		}
	}
}
