package fleettest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/tenantra/tenantra/fleet/client"
)

// hostileValues are what S4 puts into each parameter: quotes that would end a literal, an identifier that no one may sort or
// filter by, and what a statement would take for its end.
var hostileValues = []string{`x' OR '1'='1`, "secret_hash`\"); DROP TABLE agents;--", "-password_hash,(SELECT 1)"}

// databaseText is what only a database says.
var databaseText = regexp.MustCompile(`(?i)sqlstate|syntax error at|pq:|pgx|relation "|column "[a-z_]+" does not exist|invalid input syntax|tenant_id`)

// TestParametersNeverReachTheDatabaseAsText is S4 and the texts of S12, generated from the API's own description: whatever
// stands in a parameter of a call that reads, the answer is one for what was asked or a refusal that names the parameter,
// never the database's own words.
func TestParametersNeverReachTheDatabaseAsText(t *testing.T) {
	t.Parallel()
	f := Start(t)
	people := []*client.Client{f.Tenant("acme")}
	document, err := f.OpenAPI(people[0])
	if err != nil {
		t.Fatal(err)
	}
	const perPerson = 500 // below what one person may ask in a minute
	calls := 0
	ask := func(id, path string, query url.Values) {
		t.Helper()
		calls++
		if calls/perPerson == len(people) {
			people = append(people, f.Tenant(fmt.Sprintf("tenant-%d", calls)))
		}
		var answer json.RawMessage
		err := people[calls/perPerson].Do(t.Context(), http.MethodGet, path, query, nil, &answer)
		told := string(answer)
		var refused *client.Error
		switch {
		case errors.As(err, &refused):
			told = err.Error()
			few := strings.HasPrefix(id, "export-") // exports are few an hour
			if refused.Status >= 500 || refused.Status == http.StatusTooManyRequests && !few {
				t.Errorf("%s: GET %s?%s: %v", id, path, query.Encode(), err)
			}
		case err != nil && len(answer) == 0 && !errors.As(err, new(*json.SyntaxError)):
			t.Errorf("%s: GET %s?%s: %v", id, path, query.Encode(), err)
		}
		if databaseText.MatchString(told) && !strings.Contains(told, `"tenant_id"`) {
			t.Errorf("%s: GET %s?%s tells the database's text: %.300s", id, path, query.Encode(), told)
		}
	}
	for path, methods := range document.Paths {
		op, reads := methods["get"]
		if !reads || op.Security != nil && len(*op.Security) == 0 || strings.HasSuffix(path, "/events") {
			continue
		}
		path = strings.TrimPrefix(path, "/api/v1")
		for _, value := range hostileValues {
			ask(op.OperationID, placeholders.ReplaceAllString(path, url.PathEscape(value)), nil)
		}
		for _, parameter := range op.Parameters {
			if strings.Contains(path, "{"+parameter.Name+"}") {
				continue
			}
			for _, value := range hostileValues {
				ask(op.OperationID, placeholders.ReplaceAllString(path, "01990000-0000-7000-8000-000000000001"), url.Values{parameter.Name: {value}})
			}
		}
	}
	if calls < 300 {
		t.Errorf("only %d calls were made: is the description complete?", calls)
	}
}

var placeholders = regexp.MustCompile(`\{[^}]+\}`)
