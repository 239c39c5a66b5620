package alerting

import (
	"context"

	"github.com/tenantra/tenantra/tables"
)

// problem is one thing that is wrong with the agent's work.
type problem struct {
	Kind    string             `col:"kind" doc:"query_failed, query_limited, query_put_off, batches_waiting or batches_dropped."`
	Subject string             `col:"subject" doc:"Query with its pack, or spool."`
	Message string             `col:"message" doc:"What happened, in words."`
	Since   tables.Null[int64] `col:"since" doc:"When it was seen last, in Unix seconds; NULL where that is not kept."`
	Count   int64              `col:"count" doc:"How many batches it is about; 1 for a query."`
}

// Problems has a row for each present problem, and none where all is well. A problem of a query goes away with its next good
// execution; batches that were dropped stay counted until the agent is enrolled anew.
var Problems = tables.Define[problem](tables.Spec{
	Name: "tenantra_problems", Doc: "What the agent could not run, puts off, or had to drop.",
	Category: tables.Alerting, Platforms: tables.AllPlatforms, Cost: tables.Cheap, Portable: true,
	Examples: []string{"SELECT kind, subject, message, datetime(since, 'unixepoch') AS at FROM tenantra_problems"},
}, generateProblems)

// waitingMany is how many batches may wait for a fleet that cannot be reached before that is a problem.
const waitingMany = 100

func generateProblems(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*problem) error) error {
	info, err := host.Self().Info(ctx)
	if err != nil {
		return err
	}
	schedule, err := host.Self().Schedule(ctx)
	if err != nil {
		return err
	}
	for _, row := range problemsOf(info, schedule) {
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

func problemsOf(info tables.Info, schedule []tables.ScheduledQuery) []problem {
	var rows []problem
	for _, s := range schedule {
		row := problem{Subject: s.Pack + "/" + s.Name, Message: s.LastError, Count: 1}
		if !s.LastRun.IsZero() {
			row.Since = tables.Some(s.LastRun.Unix())
		}
		switch {
		case s.Denied:
			row.Kind = "query_put_off"
		case s.LastStatus == "error":
			row.Kind = "query_failed"
		case s.LastStatus == "limited":
			row.Kind = "query_limited"
		default:
			continue
		}
		rows = append(rows, row)
	}
	if info.SpoolBatches > waitingMany {
		rows = append(rows, problem{Kind: "batches_waiting", Subject: "spool", Message: "results wait for the fleet", Count: info.SpoolBatches})
	}
	if info.SpoolDropped > 0 {
		rows = append(rows, problem{Kind: "batches_dropped", Subject: "spool", Message: "results were given up because the spool was full", Count: info.SpoolDropped})
	}
	return rows
}
