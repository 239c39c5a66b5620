package compliance

import (
	"context"
	"time"

	"github.com/tenantra/tenantra/tables"
)

// scheduledCheck is one check that the agent runs for the fleet.
type scheduledCheck struct {
	Check      string             `col:"check_id" doc:"Identifier of the check."`
	Query      string             `col:"query" doc:"Statement that the check judges by."`
	LastRun    tables.Null[int64] `col:"last_run" doc:"Start of its last execution, in Unix seconds; NULL before the first."`
	Status     string             `col:"status" doc:"How its last execution ended: ok, error or limited; empty before the first."`
	Error      string             `col:"error" doc:"Why its last execution did not end well."`
	Rows       tables.Null[int64] `col:"rows" doc:"Rows of its last execution; NULL where that is no longer known."`
	Executions int64              `col:"executions" doc:"How often it ran."`
	Interval   int64              `col:"interval_seconds" doc:"Seconds between two executions."`
}

// Checks has a row for each check of the present configuration. The agent collects a check's rows; the verdict is the fleet's, which
// knows the tenant's parameters and waivers. The command tenantra-agent check judges by the built-in frameworks.
var Checks = tables.Define[scheduledCheck](tables.Spec{
	Name: "tenantra_checks", Doc: "Compliance checks that the agent runs, and how each went last.",
	Category: tables.Compliance, Platforms: tables.AllPlatforms, Cost: tables.Cheap, Portable: true,
	Examples: []string{"SELECT check_id, status, error, datetime(last_run, 'unixepoch') AS at FROM tenantra_checks WHERE status != 'ok'"},
}, generateChecks)

func generateChecks(ctx context.Context, host tables.Host, q *tables.Query, emit func(*scheduledCheck) error) error {
	schedule, err := host.Self().Schedule(ctx)
	if err != nil {
		return err
	}
	last := map[string]int64{} // rows by the statement's name
	if q.Wants("rows") {
		executions, err := host.Self().Executions(ctx)
		if err != nil {
			return err
		}
		for _, e := range executions {
			if e.Kind == "scheduled" {
				last[e.Name] = e.Rows // oldest first
			}
		}
	}
	for _, s := range schedule {
		if s.Pack != "check" {
			continue
		}
		row := scheduledCheck{Check: s.Name, Query: s.SQL, Status: s.LastStatus, Error: s.LastError, Executions: s.Executions, Interval: int64(s.Interval / time.Second)}
		if !s.LastRun.IsZero() {
			row.LastRun = tables.Some(s.LastRun.Unix())
		}
		if rows, ok := last["check:"+s.Name]; ok {
			row.Rows = tables.Some(rows)
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}
