package daemon_test

import (
	"testing"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/alerting"
	"github.com/tenantra/tenantra/tables/billing"
	"github.com/tenantra/tenantra/tables/compliance"
	"github.com/tenantra/tenantra/tables/orchestration"
)

// TestTheAgentTellsOfItself asks a running agent for the product's own tables: what ran and what it cost by day, how checks went,
// what fails, what waits in the spool, and what is recorded.
func TestTheAgentTellsOfItself(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.extra = []*tables.Table{
		alerting.Problems, billing.Costs, billing.Queries, compliance.Checks, orchestration.EventTables, orchestration.Info, orchestration.Packs, orchestration.Schedule,
	}
	r.things.set(thing{Name: "a", Number: 1}, thing{Name: "b", Number: 2})
	r.start(t)
	r.connected(t, 1)
	const fails = "SELECT abs(-9223372036854775807 - number) FROM things" // of which 1 is too many
	r.configure(t, 1, query(protocol.ModeDifferential, 1),
		protocol.ConfigQuery{Collection: "check:good", SQL: "SELECT name FROM things", IntervalSeconds: 1, Mode: protocol.ModeDifferential},
		protocol.ConfigQuery{Collection: "check:bad", SQL: fails, IntervalSeconds: 1, Mode: protocol.ModeDifferential})
	for what, sql := range map[string]string{
		"the cost of a query":             "SELECT 1 FROM tenantra_costs WHERE kind = 'query' AND name = 'test/things' AND executions > 0 AND rows > 0 AND failures = 0 AND day >= date('now', '-1 day')",
		"the cost of its pack":            "SELECT 1 FROM tenantra_costs WHERE kind = 'pack' AND name = 'test' AND executions > 0 AND size_bytes > 0 AND wall_time_ms > 0",
		"the cost of a check that fails":  "SELECT 1 FROM tenantra_costs WHERE kind = 'check' AND name = 'bad' AND failures > 0 AND failures = executions",
		"the cost of what is asked live":  "SELECT 1 FROM tenantra_costs WHERE kind = 'live' AND executions > 0",
		"each statement":                  "SELECT 1 FROM tenantra_queries WHERE kind = 'scheduled' AND name = 'pack:test/things' AND status = 'ok' AND rows = 2",
		"a check that ran":                "SELECT 1 FROM tenantra_checks WHERE check_id = 'good' AND status = 'ok' AND rows = 2 AND executions > 0 AND last_run > 0",
		"a check that failed":             "SELECT 1 FROM tenantra_checks WHERE check_id = 'bad' AND status = 'error' AND error LIKE '%overflow%'",
		"the problem":                     "SELECT 1 FROM tenantra_problems WHERE kind = 'query_failed' AND subject LIKE '%bad%' AND message LIKE '%overflow%'",
		"the schedule":                    "SELECT 1 FROM tenantra_schedule WHERE pack = 'test' AND name = 'things' AND executions > 0 AND next_run > 0",
		"the spool and the configuration": "SELECT 1 FROM tenantra_info WHERE config_version = 1 AND spool_dropped = 0 AND spool_batches >= 0 AND agent_id != ''",
		"the packs":                       "SELECT 1 FROM osquery_packs WHERE name = 'test'",
	} {
		t.Run(what, func(t *testing.T) {
			r.answers(t, sql, func(rows []string) bool { return len(rows) > 0 })
		})
	}
}
