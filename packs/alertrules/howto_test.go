package alertrules_test

import (
	"os"
	"strings"
	"testing"

	"github.com/tenantra/tenantra/packs/alertrules"
)

// The example of the guide is a rule, its fixtures hold, and its mistakes are told where they are.
func TestTheGuidesExampleWorks(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../docs/howto/write-an-alert-rule.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(guide), "```yaml\n")
	text, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatal("the guide has no example")
	}
	sources := product(t)
	r, err := alertrules.Parse("web-server-on-odd-port.yaml", []byte(text), compiler(t), sources)
	if err != nil {
		t.Fatal(err)
	}
	if r.ID != "web-server-on-odd-port" || len(r.Fixtures) != 3 || r.Escalate[0].Notify[0] != "oncall" {
		t.Errorf("read %+v", r)
	}
	// What the guide says of tables is so.
	for _, columns := range [][]string{alertrules.FindingColumns, alertrules.AgentColumns, alertrules.ScheduleColumns, alertrules.DriftColumns} {
		for _, name := range columns {
			if !strings.Contains(string(guide), name) {
				t.Errorf("the guide does not name the column %s", name)
			}
		}
	}
}
