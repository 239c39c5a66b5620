package sqlquery

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/semaphore"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/modules"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/queries/engine"
)

// Config is what a Service needs of its surroundings.
type Config struct {
	DB *postgres.DB
	// Permit refuses what the scope's role may not read.
	Permit func(scope access.Scope, reads []engine.TableRef) error
	// Answers holds what live queries were answered.
	Answers Answers
	// Saved gives the statement of a saved query that the scope's person sees.
	Saved func(ctx context.Context, scope access.Scope, id uuid.UUID) (string, error)
	Now   func() time.Time // nil: time.Now
	Log   *slog.Logger     // nil: discarded
}

// Service answers questions. Safe for concurrent use; Close frees it.
type Service struct {
	Config
	catalogue *engine.Engine
	turns     *semaphore.Weighted

	mu      sync.Mutex
	running map[int32]int // by tenant
}

// New makes a Service.
func New(c Config) (*Service, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	catalogue, err := newCatalogue()
	if err != nil {
		return nil, err
	}
	return &Service{Config: c, catalogue: catalogue, turns: semaphore.NewWeighted(running), running: map[int32]int{}}, nil
}

// Close frees the catalogue.
func (s *Service) Close() error { return s.catalogue.Close() }

// Question is a request that was checked; Answer answers it.
type Question struct {
	service *Service
	scope   access.Scope
	request Request
	reads   []engine.TableRef
	columns []string
	agents  []agent
	// told has, for each table of reads, what agents have told of it.
	told []map[agentKey]standing
}

type agentKey struct{ tenant, agent int32 }

// Prepare checks a statement against the scope's rights, finds who has told what it reads, and records that it was asked.
func (s *Service) Prepare(ctx context.Context, scope access.Scope, r Request) (*Question, error) {
	q, err := s.compile(scope, r)
	if err != nil {
		return nil, err
	}
	if err := s.Permit(scope, q.reads); err != nil {
		return nil, err
	}
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if err := q.load(ctx, tx); err != nil {
			return err
		}
		detail := map[string]any{"sql": q.request.SQL, "per": q.request.Per, "agents": len(q.agents)}
		if !r.At.IsZero() {
			detail["at"] = r.At.UTC()
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "queries.run", Object: "sql:stored", Detail: detail})
	})
	if err != nil {
		return nil, err
	}
	return q, nil
}

// Analyse compiles a statement over stored rows, whoever may run it. What is wrong with it is an *engine.SQLError.
func (s *Service) Analyse(sql string) (*engine.Analysis, error) { return s.catalogue.Check(sql) }

// MayAsk refuses a statement that does not compile over stored rows, or that reads what the scope's role may not read.
func (s *Service) MayAsk(scope access.Scope, sql string) error {
	q, err := s.compile(scope, Request{SQL: sql})
	if err != nil {
		return err
	}
	return s.Permit(scope, q.reads)
}

// compile checks a statement, but not who may run it.
func (s *Service) compile(scope access.Scope, r Request) (*Question, error) {
	if err := r.validate(s.Now()); err != nil {
		return nil, err
	}
	analysis, err := s.catalogue.Check(r.SQL)
	if err != nil {
		return nil, asFault(err)
	}
	if err := collected(analysis.Reads); err != nil {
		return nil, err
	}
	if r.Per == "" {
		if r.Per = PerAgent; namesOurs(analysis.Reads) {
			r.Per = PerFleet
		}
	}
	return &Question{service: s, scope: scope, request: r, reads: analysis.Reads, columns: analysis.Columns}, nil
}

// load finds the agents of the question and what they have told. Nobody, and nothing of a table, is an error.
func (q *Question) load(ctx context.Context, tx *postgres.Tx) error {
	if err := q.find(ctx, tx); err != nil {
		return err
	}
	if len(q.agents) == 0 {
		return fault.Field(fault.Invalid, "body.target", "no agent matches the target")
	}
	for i, read := range q.reads {
		if len(q.told[i]) == 0 {
			return fault.Field(fault.Invalid, "body.sql", "no agent of the selection has told table %[1]s yet. Agents tell it where the module %[1]s is collected: "+
				"see the tenant's modules, and wait for its next run. Or ask live", read.Table.Name)
		}
	}
	return nil
}

// find finds the agents of the question and what they have told.
func (q *Question) find(ctx context.Context, tx *postgres.Tx) (err error) {
	if q.agents, err = listAgents(ctx, tx, q.request.Target, !q.request.At.IsZero()); err != nil {
		return err
	}
	chosen := make(map[agentKey]bool, len(q.agents))
	for _, a := range q.agents {
		chosen[agentKey{a.tenant, a.key}] = true
	}
	names := make([]string, len(q.reads))
	q.told = make([]map[agentKey]standing, len(q.reads))
	for i, read := range q.reads {
		q.told[i] = map[agentKey]standing{}
		module, err := modules.Find(read.Table.Name)
		if err != nil {
			return err
		}
		names[i] = module.Collection()
	}
	if len(names) == 0 {
		return nil
	}
	found, err := listStandings(ctx, tx, names)
	if err != nil {
		return err
	}
	for _, s := range found {
		if key := (agentKey{s.tenant, s.agent}); chosen[key] {
			q.told[slices.Index(names, s.name)][key] = s
		}
	}
	return nil
}

func asFault(err error) error {
	var wrong *engine.SQLError
	var limit *engine.LimitError
	switch {
	case errors.As(err, &wrong):
		return fault.Field(fault.Invalid, "body.sql", "%s", wrong.Error())
	case errors.As(err, &limit):
		return fault.Field(fault.Invalid, "body.sql", "%s", limit.Error())
	}
	return err
}

// Answer gives the rows and, last, a summary. A *fault.Error is for the person who asked.
func (q *Question) Answer(ctx context.Context, emit func(Event) error) error {
	return q.service.inTurn(ctx, q.scope, func(ctx context.Context) error {
		began := time.Now()
		a := newAnswering(q, emit)
		defer a.close()
		if err := a.open(); err != nil {
			return err
		}
		answer := a.agentByAgent
		if q.request.Per == PerFleet {
			answer = a.acrossFleet
		}
		if err := answer(ctx); err != nil {
			return err
		}
		summary := a.summary()
		summary.DurationMS = time.Since(began).Milliseconds()
		return emit(Event{Type: "done", Summary: &summary})
	})
}

// inTurn runs work when the server and the tenant have room for it, within the time that a question may take. Errors of
// statements become faults.
func (s *Service) inTurn(ctx context.Context, scope access.Scope, work func(context.Context) error) error {
	if !s.enter(scope.Tenant) {
		return fault.New(fault.TooMany, "%d statements over stored rows run in this tenant already: wait for one to end", ofTenant)
	}
	defer s.leave(scope.Tenant)
	ctx, cancel := context.WithTimeout(ctx, timeMax)
	defer cancel()
	if err := s.turns.Acquire(ctx, 1); err != nil {
		return fault.New(fault.Unavailable, "too many statements run at once: try again")
	}
	defer s.turns.Release(1)
	err := work(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return fault.New(fault.Invalid, "stopped at the %s limit: narrow the target or the statement", timeMax)
	}
	return asFault(err)
}

func (s *Service) enter(tenant int32) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running[tenant] >= ofTenant {
		return false
	}
	s.running[tenant]++
	return true
}

func (s *Service) leave(tenant int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running[tenant]--; s.running[tenant] == 0 {
		delete(s.running, tenant)
	}
}

// summary tells how well the answer is founded.
func (a *answering) summary() Summary {
	q := a.question
	out := Summary{Per: q.request.Per, Agents: len(q.agents), Answered: a.answered, Failed: a.failed, NotTold: a.notTold, Rows: a.rows, Tables: []TableState{}}
	if !q.request.At.IsZero() {
		at := q.request.At.UTC()
		out.At = &at
	}
	for i, read := range q.reads {
		state := TableState{Table: read.Table.Name, Agents: len(q.told[i])}
		for _, s := range q.told[i] {
			if s.failed != "" {
				state.Failing++
			}
			if state.OldestAt == nil || s.at.Before(*state.OldestAt) {
				state.OldestAt = &s.at
			}
			if state.NewestAt == nil || s.at.After(*state.NewestAt) {
				state.NewestAt = &s.at
			}
		}
		out.Tables = append(out.Tables, state)
	}
	return out
}

// tellsAll gives the agents that have told every table that the statement reads. As live, an agent without a table has no
// answer.
func (q *Question) tellsAll() []agent {
	return slices.DeleteFunc(slices.Clone(q.agents), func(a agent) bool {
		return slices.ContainsFunc(q.told, func(told map[agentKey]standing) bool {
			_, ok := told[agentKey{a.tenant, a.key}]
			return !ok
		})
	})
}
