package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/riverqueue/river"

	"github.com/tenantra/tenantra/fleet/access"
)

// errFailed is all that the queue keeps of a failure: its table is not a tenant's, and an error's text may hold a row.
var errFailed = errors.New("failed; the server's log has the reason")

type worker[T Args] struct {
	river.WorkerDefaults[T]
	log    *slog.Logger
	handle func(context.Context, access.Scope, T, Attempt) error
}

// Work is part of river.Worker.
func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) error {
	attempt := Attempt{Number: job.Attempt, Last: job.Attempt >= job.MaxAttempts, Put: job.CreatedAt}
	err := contained(func() error {
		return w.handle(ctx, access.System(job.Args.JobTenant(), job.Kind), job.Args, attempt)
	})
	return outcome(ctx, w.log, job.Kind, job.ID, job.Args.JobTenant(), attempt, err)
}

// regularArgs names periodic work of the whole installation.
type regularArgs struct {
	Name string `json:"name"`
}

// Kind is part of river.JobArgs.
func (regularArgs) Kind() string { return "regular" }

type regularWorker struct {
	river.WorkerDefaults[regularArgs]
	runner *Runner
}

// Work is part of river.Worker.
func (w *regularWorker) Work(ctx context.Context, job *river.Job[regularArgs]) error {
	work := w.runner.regular[job.Args.Name]
	if work == nil {
		return river.JobCancel(errFailed) // of another version of the server
	}
	err := contained(func() error { return work(ctx) })
	return outcome(ctx, w.runner.config.Log, job.Args.Name, job.ID, 0, Attempt{Number: 1, Last: true}, err)
}

// contained turns a panic into an error, so that its text is handled as an error's is.
func contained(work func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	return work()
}

// outcome tells the queue what becomes of a job, and the log why.
func outcome(ctx context.Context, log *slog.Logger, kind string, id int64, tenant int32, attempt Attempt, err error) error {
	var snooze *river.JobSnoozeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &snooze):
		return snooze
	case errors.Is(err, errGiveUp):
		log.WarnContext(ctx, "a job was given up", "job", kind, "job_id", id, "tenant", tenant, "attempt", attempt.Number, "err", err)
		return river.JobCancel(errFailed)
	}
	log.WarnContext(ctx, "a job failed", "job", kind, "job_id", id, "tenant", tenant, "attempt", attempt.Number, "last", attempt.Last, "err", err)
	return errFailed
}

// quiet keeps the library's own lines about failed jobs, which outcome has told better, at debug.
type quiet struct{ slog.Handler }

// Handle is part of slog.Handler.
func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	if r.Level > slog.LevelWarn {
		return q.Handler.Handle(ctx, r)
	}
	r.Level = slog.LevelDebug
	if !q.Handler.Enabled(ctx, slog.LevelDebug) {
		return nil
	}
	return q.Handler.Handle(ctx, r)
}

// WithAttrs is part of slog.Handler.
func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }

// WithGroup is part of slog.Handler.
func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }
