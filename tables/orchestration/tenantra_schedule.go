package orchestration

import (
	"context"
	"time"

	"github.com/tenantra/tenantra/tables"
)

// scheduledQuery is one scheduled query and what it did so far. The columns down to last_memory are osquery's.
type scheduledQuery struct {
	Name           string             `col:"name" doc:"Name of the query in its pack."`
	Query          string             `col:"query" doc:"Text of the statement."`
	Interval       int32              `col:"interval" doc:"Seconds between two executions."`
	Executions     int64              `col:"executions" doc:"How often it ran."`
	LastExecuted   int64              `col:"last_executed" doc:"Start of its last execution, in Unix seconds; 0 before the first."`
	Denylisted     int32              `col:"denylisted,blacklisted" doc:"1 while it backs off because it keeps breaking its budget."`
	OutputSize     int64              `col:"output_size" doc:"Bytes of its results in all."`
	WallTime       int64              `col:"wall_time" doc:"Seconds that it took in all."`
	WallTimeMS     int64              `col:"wall_time_ms" doc:"Milliseconds that it took in all."`
	LastWallTimeMS tables.Null[int64] `col:"last_wall_time_ms" doc:"Milliseconds that its last execution took; NULL where that is no longer known."`
	UserTime       int64              `col:"user_time" doc:"Milliseconds of processor time in all; the system's share is in it."`
	LastUserTime   tables.Null[int64] `col:"last_user_time" doc:"Milliseconds of processor time of its last execution; NULL where that is no longer known."`
	SystemTime     int64              `col:"system_time" doc:"Always 0: the system's share of processor time is in user_time."`
	LastSystemTime tables.Null[int64] `col:"last_system_time" doc:"0 as system_time; NULL where the last execution is no longer known."`
	AverageMemory  tables.Null[int64] `col:"average_memory" doc:"NULL: memory is not accounted by query."`
	LastMemory     tables.Null[int64] `col:"last_memory" doc:"NULL: memory is not accounted by query."`

	Pack       string             `col:"pack" doc:"Pack that the query is part of."`
	Snapshot   bool               `col:"snapshot" doc:"1 where all rows are reported each time, 0 where only changes are."`
	Removed    bool               `col:"removed" doc:"1 where rows that went away are reported too."`
	NextRun    tables.Null[int64] `col:"next_run" doc:"Start of its next execution, in Unix seconds; NULL where none is planned."`
	LastStatus string             `col:"last_status" doc:"How its last execution ended: ok, error or limited; empty before the first."`
	LastError  string             `col:"last_error" doc:"Why its last execution did not end well."`
	Rows       int64              `col:"rows" doc:"Rows of its results in all."`
}

// Schedule has a row for each scheduled query of the present configuration.
var Schedule = tables.Define[scheduledQuery](tables.Spec{
	Name: "tenantra_schedule", Aliases: []string{"osquery_schedule"},
	Doc:      "Scheduled queries of the present configuration with what each did and cost so far.",
	Category: tables.Orchestration, Platforms: tables.AllPlatforms, Cost: tables.Cheap,
	Examples: []string{
		"SELECT pack, name, interval, datetime(last_executed, 'unixepoch') AS last, last_status FROM tenantra_schedule",
		"SELECT pack, name, last_error FROM tenantra_schedule WHERE denylisted = 1 OR last_status = 'error'",
	},
}, generateSchedule)

func generateSchedule(ctx context.Context, host tables.Host, q *tables.Query, emit func(*scheduledQuery) error) error {
	schedule, err := host.Self().Schedule(ctx)
	if err != nil {
		return err
	}
	last := map[string]tables.Execution{} // by statement
	if q.WantsAny("last_wall_time_ms", "last_user_time", "last_system_time") {
		executions, err := host.Self().Executions(ctx)
		if err != nil {
			return err
		}
		for _, e := range executions {
			if e.Kind == "scheduled" {
				last[e.SQL] = e
			}
		}
	}
	for _, s := range schedule {
		row := scheduledQuery{
			Name: s.Name, Query: s.SQL, Interval: int32(s.Interval / time.Second), Executions: s.Executions,
			LastExecuted: unixOrZero(s.LastRun), OutputSize: s.Bytes, WallTime: int64(s.Wall / time.Second),
			WallTimeMS: s.Wall.Milliseconds(), UserTime: s.CPU.Milliseconds(), Pack: s.Pack, Snapshot: s.Snapshot,
			Removed: s.Removed, LastStatus: s.LastStatus, LastError: s.LastError, Rows: s.Rows,
		}
		if s.Denied {
			row.Denylisted = 1
		}
		if !s.NextRun.IsZero() {
			row.NextRun = tables.Some(s.NextRun.Unix())
		}
		if e, ok := last[s.SQL]; ok {
			row.LastWallTimeMS, row.LastUserTime = tables.Some(e.Wall.Milliseconds()), tables.Some(e.CPU.Milliseconds())
			row.LastSystemTime = tables.Some(int64(0))
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

func unixOrZero(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
