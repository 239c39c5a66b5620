// Package jobs answers what the server does later, and again until it worked: notifications, upkeep, reports. It runs
// riverqueue/river on the fleet's own PostgreSQL.
//
// A job is stored in the transaction of the change that asks for it, so that neither is without the other, and a server
// that is killed loses none: it runs at least once. Its arguments are ids, never rows or secrets; what they name is read
// in the scope of the job's tenant when it runs.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2" //lint:allow imports jitter of retries
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/postgres"
)

const (
	schema     = "jobs"
	conns      = 6 // of the runner's own pool
	stopTime   = 10 * time.Second
	startRetry = time.Second // where the database is away at the start
	jobTime    = time.Minute
)

// Config of a Runner. Zero values are replaced by the defaults named.
type Config struct {
	DB      *postgres.DB
	Workers int           // jobs at once on this server; 20
	Poll    time.Duration // between looks for jobs that no signal told of; 1 s
	Rescue  time.Duration // after which a job of a server that died runs again; 2 min
	Log     *slog.Logger
}

// Runner stores and runs jobs. Safe for concurrent use once it runs.
type Runner struct {
	config   Config
	pool     *pgxpool.Pool
	workers  *river.Workers
	periodic []*river.PeriodicJob
	regular  map[string]func(context.Context) error
	client   *river.Client[pgx.Tx]
}

// Args names what a job is about. Its JSON is stored outside of the tenants' tables: ids only.
type Args interface {
	river.JobArgs
	// JobTenant is the tenant in whose scope the job runs.
	JobTenant() int32
}

// Attempt is one run of a job.
type Attempt struct {
	Number int // from 1
	Last   bool
	Put    time.Time // when the job was stored
}

// Options of a stored job.
type Options struct {
	At       time.Time // not before; zero for now
	Attempts int       // until it is given up; 0 for 10
	// Once stores nothing while an equal job (same kind and arguments) waits or runs.
	Once bool
}

// Errors that a handler returns to say what becomes of the job. Any other error has it run again later.
var errGiveUp = errors.New("the job is given up")

// GiveUp says that running the job again is of no use. The reason is for the log.
func GiveUp(reason error) error { return fmt.Errorf("%w: %w", errGiveUp, reason) }

// Later runs the job again after a while, without counting it as failed.
func Later(after time.Duration) error { return river.JobSnooze(after) }

// New makes a runner. Handlers and periodic work are added before Run.
func New(c Config) (*Runner, error) {
	if c.Workers <= 0 {
		c.Workers = 20
	}
	if c.Poll <= 0 {
		c.Poll = time.Second
	}
	if c.Rescue <= 0 {
		c.Rescue = 2 * time.Minute
	}
	pool, err := c.DB.JobPool(context.Background(), conns)
	if err != nil {
		return nil, err
	}
	r := &Runner{config: c, pool: pool, workers: river.NewWorkers(), regular: map[string]func(context.Context) error{}}
	river.AddWorker(r.workers, &regularWorker{runner: r})
	return r, nil
}

// Handle says how jobs of a kind are run: in a system scope of their tenant. What the handler returns as an error goes to
// the log; the queue keeps only that the job failed.
func Handle[T Args](r *Runner, handle func(ctx context.Context, scope access.Scope, args T, attempt Attempt) error) {
	river.AddWorker(r.workers, &worker[T]{log: r.config.Log, handle: handle})
}

// Every runs work again and again, on one server of the installation at a time.
func (r *Runner) Every(interval time.Duration, name string, work func(ctx context.Context) error) {
	r.regular[name] = work
	r.periodic = append(r.periodic, river.NewPeriodicJob(river.PeriodicInterval(interval), func() (river.JobArgs, *river.InsertOpts) {
		return regularArgs{name}, &river.InsertOpts{MaxAttempts: 1, UniqueOpts: once()}
	}, &river.PeriodicJobOpts{ID: name, RunOnStart: true}))
}

// open makes the queue's client once all handlers are known.
func (r *Runner) open() (*river.Client[pgx.Tx], error) {
	if r.client != nil {
		return r.client, nil
	}
	client, err := river.NewClient(riverpgxv5.New(r.pool), &river.Config{
		Schema: schema, Workers: r.workers, PeriodicJobs: r.periodic, Logger: slog.New(quiet{r.config.Log.Handler()}),
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: r.config.Workers}},
		FetchPollInterval: r.config.Poll, JobTimeout: jobTime, RescueStuckJobsAfter: r.config.Rescue, RetryPolicy: backoff{},
		CompletedJobRetentionPeriod: time.Hour, CancelledJobRetentionPeriod: 7 * 24 * time.Hour, DiscardedJobRetentionPeriod: 7 * 24 * time.Hour,
		ReindexerSchedule: river.NeverSchedule(), // needs the owner of the indexes, and the serving role is not
	})
	if err != nil {
		return nil, fmt.Errorf("open job queue: %w", err)
	}
	r.client = client
	return client, nil
}

// Ready must be called after the last Handle and Every, and before the first Put.
func (r *Runner) Ready() error {
	_, err := r.open()
	return err
}

// Put stores a job in the transaction. The job's tenant must be one that the transaction sees.
func (r *Runner) Put(ctx context.Context, tx *postgres.Tx, args Args, o Options) error {
	if !tx.Scope.Sees(args.JobTenant()) {
		return fmt.Errorf("store job %s: its tenant %d is not in scope", args.Kind(), args.JobTenant())
	}
	insert := &river.InsertOpts{ScheduledAt: o.At, MaxAttempts: o.Attempts}
	if insert.MaxAttempts == 0 {
		insert.MaxAttempts = 10
	}
	if o.Once {
		insert.UniqueOpts = once()
	}
	if _, err := r.client.InsertTx(ctx, tx.Tx, args, insert); err != nil {
		return fmt.Errorf("store job %s: %w", args.Kind(), err)
	}
	return nil
}

func once() river.UniqueOpts {
	return river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled,
	}}
}

// Run runs jobs until ctx ends, then lets those that run finish for a while.
func (r *Runner) Run(ctx context.Context) error {
	client, err := r.open()
	if err != nil {
		return err
	}
	// The client must outlive ctx for a moment: ending its context would break off what runs.
	for attempt := 1; ; attempt++ {
		err := client.Start(context.WithoutCancel(ctx))
		if err == nil {
			break
		}
		// The database may have gone the moment before: the server waits for it, here as everywhere.
		r.config.Log.WarnContext(ctx, "the job queue does not start, trying again", "attempt", attempt, "err", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(startRetry):
		}
	}
	<-ctx.Done()
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if err := client.Stop(stop); err != nil {
		hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		if err := client.StopAndCancel(hard); err != nil {
			return fmt.Errorf("stop job queue: %w", err)
		}
	}
	return ctx.Err()
}

// Close frees the runner's connections, after Run has returned.
func (r *Runner) Close() { r.pool.Close() }

// backoff is exponential from five seconds to one hour with full jitter in its upper half.
type backoff struct{}

// NextRetry is part of river.ClientRetryPolicy.
func (backoff) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().Add(Backoff(job.Attempt))
}

// Backoff is how long to wait after an attempt, counted from 1, has failed.
func Backoff(attempt int) time.Duration {
	most := time.Hour
	if attempt < 11 {
		most = min(most, 5*time.Second<<max(attempt-1, 0))
	}
	return most/2 + rand.N(most/2)
}
