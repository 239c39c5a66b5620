package livequery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/bus"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/tables"
)

// Config is what a Service needs of its surroundings.
type Config struct {
	DB      *postgres.DB
	Log     *slog.Logger
	Permit  func(scope access.Scope, sql string) error // refuses statements that do not compile or that the role may not run
	Targets Targets
	Signer  Signer
	Sender  Sender
	Bus     *bus.Bus
}

// Service runs live queries. It is safe for concurrent use; Run must run while it is used.
type Service struct {
	Config
	collector *collector
}

// New makes a Service.
func New(c Config) *Service {
	s := &Service{Config: c}
	s.collector = &collector{db: c.DB, log: c.Log, queue: make(chan *answer, queueMax), publish: s.announce}
	return s
}

// Run writes answers and ends campaigns whose time is over, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.collector.run(ctx) })
	group.Go(func() error { return s.sweep(ctx) })
	if err := group.Wait(); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// Ask starts a campaign: it checks the statement against the scope's permissions, resolves the targets, stores the
// ledger and sends the question to the agents that are connected.
func (s *Service) Ask(ctx context.Context, scope access.Scope, sql string, target Target, timeout time.Duration) (*Query, error) {
	sql, timeout, err := validate(sql, timeout)
	if err != nil {
		return nil, err
	}
	if err := s.Permit(scope, sql); err != nil {
		return nil, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("make query id: %w", err)
	}
	var q *Query
	var targets []TargetAgent
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if targets, err = s.Targets.Targets(ctx, tx, target); err != nil {
			return err
		}
		if len(targets) == 0 {
			return fault.Field(fault.Invalid, "body.target", "no agent matches the target")
		}
		q = &Query{ID: id, Tenant: scope.Tenant, SQL: sql, Timeout: timeout, State: Running, CreatedBy: scope.Actor.Name,
			CreatedAt: tx.Now, Deadline: tx.Now.Add(timeout + grace)}
		for _, t := range targets {
			if q.Counts.Targets++; t.Online {
				q.Counts.Running++
			} else {
				q.Counts.Offline++
			}
		}
		if err := createQuery(ctx, tx, q, targets); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "live_query.ask", Object: "live_query:" + id.String(),
			Detail: map[string]any{"sql": sql, "targets": q.Counts.Targets}})
	})
	if err != nil {
		return nil, err
	}
	if q.Counts.Running == 0 {
		return q, s.finish(ctx, scope, q, Done, Offline, "")
	}
	// The analyst's request may end before the last agent is asked.
	ctx = context.WithoutCancel(ctx)
	if err := s.watch(ctx, scope, q, targets); err != nil {
		return nil, err
	}
	go s.dispatch(ctx, scope, q, targets)
	return q, nil
}

// dispatch signs the question once for each tenant and sends it to each connected agent.
func (s *Service) dispatch(ctx context.Context, scope access.Scope, q *Query, targets []TargetAgent) {
	ctx, cancel := context.WithTimeout(ctx, q.Timeout)
	defer cancel()
	body := protocol.LiveQuery{QueryID: q.ID.String(), SQL: q.SQL, TimeoutSeconds: int(q.Timeout / time.Second), RowLimit: rowsMax}
	err := s.broadcast(ctx, targets, protocol.CommandQuery, body)
	if err != nil {
		s.Log.ErrorContext(ctx, "live query could not be sent", "query_id", q.ID, "tenant_id", q.Tenant, "err", err)
		if err := s.finish(ctx, scope, q, Done, Failed, "the server could not send the question"); err != nil {
			s.Log.ErrorContext(ctx, "live query could not be ended", "query_id", q.ID, "err", err)
		}
	}
}

func (s *Service) broadcast(ctx context.Context, targets []TargetAgent, kind protocol.CommandKind, body any) error {
	signed := map[uuid.UUID]protocol.Command{}
	for _, t := range targets {
		if !t.Online {
			continue
		}
		command, ok := signed[t.TenantID]
		if !ok {
			var err error
			if command, err = s.Signer.SignCommand(ctx, t.TenantID, "", kind, 0, body, protocol.QueryLife); err != nil {
				return fmt.Errorf("sign %s: %w", kind, err)
			}
			signed[t.TenantID] = command
		}
		if err := s.Sender.Send(ctx, t.PublicID, command); err != nil {
			return fmt.Errorf("send %s: %w", kind, err)
		}
	}
	return nil
}

// Answer takes a part of an agent's answer and returns once it is committed. The caller has checked signature, identity
// and the rows' Merkle root. An answer that nobody awaits is dropped without an error.
func (s *Service) Answer(ctx context.Context, from From, header protocol.AnswerHeader, rows [][]tables.Value) error {
	a, err := newAnswer(from, header, rows)
	if err != nil {
		return err
	}
	return s.collector.put(ctx, a)
}

// Cancel ends a campaign; agents that still run it stop.
func (s *Service) Cancel(ctx context.Context, scope access.Scope, id uuid.UUID) (*Query, error) {
	var q *Query
	var running []TargetAgent
	err := s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		var err error
		if q, err = findQuery(ctx, tx, id); err != nil {
			return err
		}
		if running, err = listRunning(ctx, tx, id); err != nil {
			return err
		}
		ended, err := finishQuery(ctx, tx, id, Cancelled, TimedOut, "cancelled before it answered")
		if err != nil || !ended {
			return err
		}
		tx.AfterCommit(func() { s.announceDone(q) })
		if q, err = findQuery(ctx, tx, id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "live_query.cancel", Object: "live_query:" + id.String()})
	})
	if err != nil {
		return nil, err
	}
	if err := s.broadcast(ctx, running, protocol.CommandCancel, protocol.Cancel{QueryID: id.String()}); err != nil {
		s.Log.WarnContext(ctx, "agents were not told of a cancelled live query", "query_id", id, "err", err)
	}
	return q, nil
}

func (s *Service) finish(ctx context.Context, scope access.Scope, q *Query, state State, outcome Outcome, why string) error {
	return s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		ended, err := finishQuery(ctx, tx, q.ID, state, outcome, why)
		if err != nil || !ended {
			return err
		}
		q.State = state
		tx.AfterCommit(func() { s.announceDone(q) })
		return nil
	})
}

const sqlOverdue = `SELECT tenant_id, id FROM keeper.overdue_live_queries($1)`

// sweep ends campaigns whose deadline is over, whichever server began them.
func (s *Service) sweep(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			if err := s.sweepOnce(ctx, time.Now()); err != nil && ctx.Err() == nil {
				s.Log.WarnContext(ctx, "overdue live queries could not be ended", "err", err)
			}
		}
	}
}

func (s *Service) sweepOnce(ctx context.Context, now time.Time) error {
	var overdue []Query
	err := s.DB.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sqlOverdue, now)
		if err != nil {
			return fmt.Errorf("find overdue live queries: %w", err)
		}
		overdue, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (q Query, err error) {
			return q, row.Scan(&q.Tenant, &q.ID)
		})
		return err
	})
	if err != nil {
		return err
	}
	for i := range overdue {
		scope, err := s.subtree(ctx, overdue[i].Tenant)
		if err != nil {
			return err
		}
		if err := s.finish(ctx, scope, &overdue[i], Done, TimedOut, "did not answer in time"); err != nil {
			return err
		}
	}
	return nil
}

// subtree is the server's own scope over a tenant and all below it, where the ledger of a campaign lies.
func (s *Service) subtree(ctx context.Context, tenant int32) (access.Scope, error) {
	scope := access.System(tenant, "live-query")
	var err error
	scope.Visible, err = s.DB.Subtree(ctx, tenant)
	return scope, err
}
