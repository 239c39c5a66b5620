package billing

import (
	"context"

	"github.com/tenantra/tenantra/tables"
)

// execution is one statement that ran, and what it cost.
type execution struct {
	Time       int64   `col:"time" doc:"Start, in Unix seconds."`
	Kind       string  `col:"kind" doc:"Why it ran: scheduled, live or check."`
	Name       string  `col:"name" doc:"Name of the scheduled query or check; empty for a live statement."`
	Query      string  `col:"query" doc:"Text of the statement."`
	Status     string  `col:"status" doc:"How it ended: ok, error, limited or cancelled."`
	Error      string  `col:"error" doc:"Why it did not end well."`
	Rows       int64   `col:"rows" doc:"Rows of its result."`
	SizeBytes  int64   `col:"size_bytes" doc:"Bytes of its result."`
	WallTimeMS float64 `col:"wall_time_ms" doc:"Milliseconds that it took."`
	CPUTimeMS  float64 `col:"cpu_time_ms" doc:"Milliseconds of processor time, user and system together."`
}

// Queries has a row for each statement that the agent remembers, oldest first.
var Queries = tables.Define[execution](tables.Spec{
	Name: "tenantra_queries", Doc: "Statements that ran lately on this agent, scheduled and live, with what each cost.",
	Category: tables.Billing, Platforms: tables.AllPlatforms, Cost: tables.Cheap,
	Examples: []string{
		"SELECT name, count(*) AS runs, round(sum(cpu_time_ms), 1) AS cpu_ms, sum(size_bytes) AS bytes FROM tenantra_queries GROUP BY name ORDER BY cpu_ms DESC",
		"SELECT datetime(time, 'unixepoch') AS at, kind, name, status, error FROM tenantra_queries WHERE status != 'ok'",
	},
}, generateQueries)

func generateQueries(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*execution) error) error {
	executions, err := host.Self().Executions(ctx)
	if err != nil {
		return err
	}
	for _, e := range executions {
		row := execution{
			Time: e.At.Unix(), Kind: e.Kind, Name: e.Name, Query: e.SQL, Status: e.Status, Error: e.Error, Rows: e.Rows, SizeBytes: e.Bytes,
			WallTimeMS: e.Wall.Seconds() * 1e3, CPUTimeMS: e.CPU.Seconds() * 1e3,
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}
