// Package live answers the fleet's live queries: a few at a time, in parts as rows come, and cancelled at any moment.
package live

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tenantra/tenantra/agent/policy"
	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/spool"
	"github.com/tenantra/tenantra/agent/state"
	"github.com/tenantra/tenantra/queries/diff"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

const (
	workers   = 2
	queueSize = 16
	// partRows and partBytes bound one part of an answer.
	partRows  = 2000
	partBytes = 1 << 20
)

// Options of a Runner.
type Options struct {
	Engine *engine.Engine
	DB     *state.DB // keeps what ran
	Signer spool.Signer
	Policy func() policy.Policy
	// Send hands a part of an answer to the link. It waits while the link is behind.
	Send func(context.Context, protocol.Answer) error
	Log  *slog.Logger
}

// Runner runs live queries.
type Runner struct {
	o     Options
	queue chan job

	mu   sync.Mutex
	jobs map[string]*known // by query, until the order is forgotten
}

type job struct {
	protocol.LiveQuery
	expires time.Time
	ctx     context.Context
	end     context.CancelCauseFunc
}

// known is a query that was asked for. It is remembered as long as its order holds, so that an order that comes twice,
// over two connections or by somebody who recorded it, runs once.
type known struct {
	end    context.CancelCauseFunc
	forget time.Time
}

// errCancelled is why a query ends that the fleet does not want answered any more.
var errCancelled = errors.New("cancelled by the fleet")

// New makes a Runner; Run must run for queries to be answered.
func New(o Options) *Runner {
	return &Runner{o: o, queue: make(chan job, queueSize), jobs: map[string]*known{}}
}

// Start takes a query whose order holds until expires. It does not wait: where too many wait already, the answer says so.
func (r *Runner) Start(ctx context.Context, q protocol.LiveQuery, expires time.Time) {
	j := job{LiveQuery: q, expires: expires}
	r.mu.Lock()
	now := time.Now()
	for id, k := range r.jobs {
		if now.After(k.forget) {
			delete(r.jobs, id)
		}
	}
	if r.jobs[q.QueryID] != nil {
		r.mu.Unlock()
		return
	}
	j.ctx, j.end = context.WithCancelCause(context.WithoutCancel(ctx))
	r.jobs[q.QueryID] = &known{end: j.end, forget: expires}
	r.mu.Unlock()
	select {
	case r.queue <- j:
	default:
		j.end(nil)
		a := &answer{runner: r, query: q, ctx: ctx}
		if err := a.finish(protocol.OutcomeFailed, "too many live queries wait on this agent: ask again later", engine.Stats{}); err != nil {
			r.o.Log.WarnContext(ctx, "a live query could not be refused", "query_id", q.QueryID, "err", err)
		}
	}
}

// Cancel ends a query, whether it waits or runs.
func (r *Runner) Cancel(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if k := r.jobs[id]; k != nil {
		k.end(errCancelled)
	}
}

// Run answers queries until the context ends.
func (r *Runner) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for range workers {
		g.Go(func() error {
			for {
				select {
				case <-ctx.Done():
					return nil
				case j := <-r.queue:
					r.answer(ctx, j)
				}
			}
		})
	}
	return g.Wait()
}

// answer runs one query.
func (r *Runner) answer(ctx context.Context, j job) {
	defer j.end(nil)
	ctx, done := context.WithDeadline(ctx, j.expires) // nobody waits for an answer after that
	defer done()
	query, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(j.ctx, func() { cancel(context.Cause(j.ctx)) })()

	limits := engine.LiveLimits
	if t := time.Duration(j.TimeoutSeconds) * time.Second; t > 0 {
		limits.Time = min(limits.Time, t)
	}
	if j.RowLimit > 0 {
		limits.Rows = min(limits.Rows, j.RowLimit)
	}
	began := time.Now()
	a := &answer{runner: r, query: j.LiveQuery, ctx: query}
	stats, err := r.o.Engine.Query(query, engine.Statement{SQL: j.SQL, Limits: limits, Allow: r.o.Policy().Allow}, a)
	if ctx.Err() != nil {
		return // the agent stops, or it is too late
	}
	if stats == nil {
		stats = &engine.Stats{}
	}
	outcome, text := judge(err, context.Cause(query), stats.Rows)
	a.ctx = ctx // a cancelled query is answered too
	if err := a.finish(outcome, text, *stats); err != nil {
		r.o.Log.WarnContext(ctx, "a live query could not be answered", "query_id", j.QueryID, "err", err)
	}
	r.remember(ctx, j, began, outcome, text, stats)
}

// judge names how a query ended.
func judge(err, cause error, rows int64) (protocol.Outcome, string) {
	var limit *engine.LimitError
	var refused *policy.Refused
	switch {
	case err == nil && rows == 0:
		return protocol.OutcomeNoRows, ""
	case err == nil:
		return protocol.OutcomeRows, ""
	case errors.Is(cause, errCancelled):
		return protocol.OutcomeCancelled, errCancelled.Error()
	case errors.As(err, &refused):
		return protocol.OutcomeRefused, refused.Reason
	case errors.As(err, &limit) && (limit.Limit == "time" || limit.Limit == "cpu"):
		return protocol.OutcomeTimedOut, err.Error()
	default:
		return protocol.OutcomeFailed, err.Error()
	}
}

func (r *Runner) remember(ctx context.Context, j job, began time.Time, outcome protocol.Outcome, text string, stats *engine.Stats) {
	status := "error"
	switch outcome {
	case protocol.OutcomeRows, protocol.OutcomeNoRows:
		status = "ok"
	case protocol.OutcomeTimedOut:
		status = "limited"
	case protocol.OutcomeCancelled:
		status = "cancelled"
	}
	if err := r.o.DB.Update(ctx, func(tx *sql.Tx) error {
		return state.SaveExecution(ctx, tx, tables.Execution{
			At: began, Kind: "live", Name: j.QueryID, SQL: j.SQL, Status: status, Error: text, Rows: stats.Rows, Bytes: stats.Bytes, Wall: stats.Wall, CPU: stats.CPU,
		})
	}); err != nil {
		r.o.Log.WarnContext(ctx, "a live query could not be recorded", "query_id", j.QueryID, "err", err)
	}
}

// answer cuts a result into signed parts.
type answer struct {
	runner  *Runner
	query   protocol.LiveQuery
	ctx     context.Context
	columns []string
	hasher  *diff.Hasher
	part    int
	rows    [][]tables.Value
	leaves  []diff.Hash
	bytes   int
}

func (a *answer) Columns(names []string) error {
	a.columns = slices.Clone(names)
	a.hasher = diff.NewHasher(a.columns)
	return nil
}

func (a *answer) Row(r *engine.Row) error {
	row := make([]tables.Value, r.Len())
	size := 0
	for i := range row {
		row[i] = r.Value(i)
		if len(row[i].Text) > protocol.CellMax {
			return fmt.Errorf("column %s: a cell of %d bytes, more than the %d that the fleet takes", a.columns[i], len(row[i].Text), protocol.CellMax)
		}
		size += len(row[i].Text) + 8
	}
	diff.Storable(row)
	if len(a.rows) == partRows || len(a.rows) > 0 && a.bytes+size > partBytes {
		if err := a.send(protocol.AnswerHeader{}); err != nil {
			return err
		}
	}
	a.rows = append(a.rows, row)
	a.leaves = append(a.leaves, diff.Leaf(true, a.hasher.Row(row)))
	a.bytes += size
	return nil
}

func (a *answer) finish(outcome protocol.Outcome, text string, stats engine.Stats) error {
	code := 0
	switch outcome {
	case protocol.OutcomeRows, protocol.OutcomeNoRows:
	case protocol.OutcomeTimedOut:
		code = 2
	default:
		code = 1
	}
	return a.send(protocol.AnswerHeader{Final: true, Outcome: outcome, Error: text, Execution: protocol.Execution{
		StatusCode: code, Log: text, DurationMS: stats.Wall.Milliseconds(), CPUMillis: stats.CPU.Milliseconds(), Rows: stats.Rows, Bytes: stats.Bytes,
	}})
}

// send signs what is collected as the next part and starts another.
func (a *answer) send(h protocol.AnswerHeader) error {
	root := diff.Root(a.leaves)
	signer := a.runner.o.Signer
	h.TenantID, h.AgentID, h.QueryID, h.Part, h.Timestamp = signer.TenantID, signer.AgentID, a.query.QueryID, a.part, time.Now().UTC()
	h.Columns, h.RowCount, h.Root = a.columns, len(a.rows), root[:]
	signed, err := protocol.Sign(signer.Key, protocol.PurposeAnswer, h)
	if err != nil {
		return err
	}
	if err := a.runner.o.Send(a.ctx, protocol.Answer{Header: signed, Rows: a.rows}); err != nil {
		return err
	}
	a.part++
	a.rows, a.leaves, a.bytes = nil, a.leaves[:0], 0
	return nil
}
