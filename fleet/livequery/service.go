package livequery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
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
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

// Config is what a Service needs of its surroundings.
type Config struct {
	DB     *postgres.DB
	Log    *slog.Logger
	Permit func(scope access.Scope, sql string) error // refuses statements that do not compile or that the role may not run
	// Check tells what a statement reads, for estimates.
	Check   func(sql string) (*engine.Analysis, error)
	Targets Targets
	// Choose gives the agents that a statement over the last known state names.
	Choose func(ctx context.Context, scope access.Scope, sql string) ([]uuid.UUID, error)
	// Saved gives the statement of a saved query that the scope's person sees.
	Saved func(ctx context.Context, scope access.Scope, id uuid.UUID) (string, error)
	// Room refuses one more live query of the transaction's tenant, as fault.LimitReached; nil: there is always room.
	Room   func(ctx context.Context, tx *postgres.Tx) error
	Signer Signer
	Sender Sender
	Bus    *bus.Bus
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
// ledger and sends the question to the agents.
func (s *Service) Ask(ctx context.Context, scope access.Scope, r Request) (*Query, error) {
	if err := r.validate(); err != nil {
		return nil, err
	}
	if err := s.Permit(scope, r.SQL); err != nil {
		return nil, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("make query id: %w", err)
	}
	target, err := s.narrow(ctx, scope, r.Target)
	if err != nil {
		return nil, err
	}
	var q *Query
	var targets []TargetAgent
	err = s.DB.InSubtree(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if targets, err = s.resolve(ctx, tx, target); err != nil {
			return err
		}
		if s.Room != nil {
			if err := s.Room(ctx, tx); err != nil {
				return err
			}
		}
		q = &Query{ID: id, Tenant: scope.Tenant, SQL: r.SQL, Timeout: r.Timeout, Wait: r.Wait, Target: r.Target, State: Running, CreatedBy: scope.Actor.Name,
			CreatedAt: tx.Now, Deadline: tx.Now.Add(max(r.Wait, r.Timeout+grace))}
		for _, t := range targets {
			q.Counts.Targets++
			switch q.first(t) {
			case StillRunning:
				q.Counts.Running++
			case Waiting:
				q.Counts.Waiting++
			default:
				q.Counts.Offline++
			}
		}
		if err := createQuery(ctx, tx, q, targets); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "live_query.ask", Object: "live_query:" + id.String(),
			Detail: map[string]any{"sql": r.SQL, "targets": q.Counts.Targets, "wait_seconds": int(r.Wait / time.Second)}})
	})
	if err != nil {
		return nil, err
	}
	if q.Counts.Running+q.Counts.Waiting == 0 {
		return q, s.finish(ctx, scope, q, Done, TimedOut, "")
	}
	// The analyst's request may end before the last agent is asked.
	ctx = context.WithoutCancel(ctx)
	if q.Wait == 0 { // else the sweep ends it
		if err := s.watch(ctx, scope, q, targets); err != nil {
			return nil, err
		}
	}
	go s.dispatch(ctx, scope, q, targets)
	return q, nil
}

// narrow turns the statement of a target into a list of agents.
func (s *Service) narrow(ctx context.Context, scope access.Scope, t Target) (Target, error) {
	if strings.TrimSpace(t.SQL) == "" {
		return t, nil
	}
	chosen, err := s.Choose(ctx, scope, t.SQL)
	if err != nil {
		return t, err
	}
	if len(t.AgentIDs) > 0 {
		chosen = slices.DeleteFunc(chosen, func(id uuid.UUID) bool { return !slices.Contains(t.AgentIDs, id) })
	}
	if len(chosen) == 0 {
		return t, fault.Field(fault.Invalid, "body.target", "no agent matches the target")
	}
	t.AgentIDs, t.SQL = chosen, ""
	return t, nil
}

// resolve gives the agents of a target, at least one.
func (s *Service) resolve(ctx context.Context, tx *postgres.Tx, t Target) ([]TargetAgent, error) {
	targets, err := s.Targets.Targets(ctx, tx, t)
	if err == nil && len(targets) == 0 {
		err = fault.Field(fault.Invalid, "body.target", "no agent matches the target")
	}
	return targets, err
}

// first is the outcome with which an agent's line begins.
func (q *Query) first(t TargetAgent) Outcome {
	switch {
	case t.Online:
		return StillRunning
	case q.Wait > 0:
		return Waiting
	default:
		return Offline
	}
}

func (q *Query) order() protocol.LiveQuery {
	return protocol.LiveQuery{QueryID: q.ID.String(), SQL: q.SQL, TimeoutSeconds: int(q.Timeout / time.Second), RowLimit: rowsMax}
}

// dispatch sends the question to each agent that may be connected: where the campaign waits, also to those not known to be, since one may have come this moment.
func (s *Service) dispatch(ctx context.Context, scope access.Scope, q *Query, targets []TargetAgent) {
	ctx, cancel := context.WithTimeout(ctx, q.Timeout)
	defer cancel()
	asked := slices.DeleteFunc(slices.Clone(targets), func(t TargetAgent) bool { return q.first(t) == Offline })
	if err := s.broadcast(ctx, asked, protocol.CommandQuery, q.order()); err != nil {
		s.Log.ErrorContext(ctx, "live query could not be sent", "query_id", q.ID, "tenant_id", q.Tenant, "err", err)
		if q.Wait > 0 {
			return // those that were not asked are asked when their answer is overdue
		}
		if err := s.finish(context.WithoutCancel(ctx), scope, q, Done, Failed, "the server could not send the question"); err != nil {
			s.Log.ErrorContext(ctx, "live query could not be ended", "query_id", q.ID, "err", err)
		}
	}
}

// broadcast signs a command once for each tenant of the targets and sends it to them.
func (s *Service) broadcast(ctx context.Context, targets []TargetAgent, kind protocol.CommandKind, body any) error {
	of := map[uuid.UUID][]uuid.UUID{}
	for _, t := range targets {
		of[t.TenantID] = append(of[t.TenantID], t.PublicID)
	}
	for tenant, agents := range of {
		command, err := s.Signer.SignCommand(ctx, tenant, "", kind, 0, body, protocol.QueryLife)
		if err != nil {
			return fmt.Errorf("sign %s: %w", kind, err)
		}
		if err := s.Sender.Broadcast(ctx, agents, command); err != nil {
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
	err := s.DB.InSubtree(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		var err error
		if q, err = findQuery(ctx, tx, id); err != nil {
			return err
		}
		if running, err = listOpen(ctx, tx, id); err != nil {
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
	return s.DB.InSubtree(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		ended, err := finishQuery(ctx, tx, q.ID, state, outcome, why)
		if err != nil || !ended {
			return err
		}
		q.State = state
		tx.AfterCommit(func() { s.announceDone(q) })
		return nil
	})
}

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
	var due []dueQuery
	err := s.DB.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		due, err = lookupDue(ctx, tx, now)
		return err
	})
	if err != nil {
		return err
	}
	for _, d := range due {
		scope, err := s.subtree(ctx, d.tenant)
		if err != nil {
			return err
		}
		if d.ended {
			err = s.finish(ctx, scope, &Query{ID: d.id, Tenant: d.tenant}, Done, TimedOut, "did not answer in time")
		} else {
			err = s.askAgain(ctx, scope, d.id, now)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// askAgain asks the agents of a waiting campaign whose answer is overdue once more, or gives them up.
func (s *Service) askAgain(ctx context.Context, scope access.Scope, id uuid.UUID, now time.Time) error {
	var q *Query
	var overdue []TargetAgent
	err := s.DB.InSubtree(ctx, scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		if q, err = findQuery(ctx, tx, id); err != nil {
			return err
		}
		overdue, err = requeue(ctx, tx, id, now)
		return err
	})
	if err != nil {
		return err
	}
	return s.broadcast(ctx, overdue, protocol.CommandQuery, q.order())
}

// Arrived gives the questions that wait for an agent which has just connected, as signed commands. Each is asked from now on.
func (s *Service) Arrived(ctx context.Context, from From) ([]protocol.Command, error) {
	var open []*Query
	err := s.DB.InScope(ctx, access.System(from.Tenant, "live-query"), func(ctx context.Context, tx *postgres.Tx) (err error) {
		open, err = markArrived(ctx, tx, from.Agent)
		return err
	})
	if err != nil {
		return nil, err
	}
	commands := make([]protocol.Command, len(open))
	for i, q := range open {
		if commands[i], err = s.Signer.SignCommand(ctx, from.TenantID, from.AgentID.String(), protocol.CommandQuery, 0, q.order(), protocol.QueryLife); err != nil {
			return nil, fmt.Errorf("sign query: %w", err)
		}
		s.publish(ctx, from.TenantID, q.ID, notice{Tenant: from.Tenant, Agent: from.Agent})
	}
	return commands, nil
}

// subtree is the server's own scope over a tenant and all below it, where the ledger of a campaign lies.
func (s *Service) subtree(ctx context.Context, tenant int32) (access.Scope, error) {
	scope := access.System(tenant, "live-query")
	var err error
	scope.Visible, err = s.DB.Subtree(ctx, tenant)
	return scope, err
}
