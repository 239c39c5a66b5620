package findings

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/bus"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/tables"
)

// Publisher sends events to consoles. *bus.Bus is one.
type Publisher interface {
	Publish(ctx context.Context, tenant uuid.UUID, kind, id string, body []byte) error
}

// Explanation is what a judge tells of the rule behind a finding.
type Explanation struct {
	SQL, Pass string
	Risk      string              // of the fix
	Controls  map[string][]string // control ids by framework
}

// Effect is what it would be worth to fix a finding, on its agent.
type Effect struct {
	Before, After float64             // score of the agent over all checks, 0 to 100
	Controls      map[string][]string // by framework: those where nothing else fails on the agent
}

// Config is what a Service needs of its surroundings.
type Config struct {
	DB  *postgres.DB
	Bus Publisher
	// Explain tells of the rule behind a finding of a kind; nil, or false, tells nothing.
	Explain func(kind, subject string) (Explanation, bool)
	// Effect tells what it would be worth to fix a finding of a kind; nil, or nil from it, tells nothing.
	Effect func(ctx context.Context, scope access.Scope, kind, subject string, agent uuid.UUID) (*Effect, error)
	// Follow is told of every finding that a judge raises or resolves, in the same transaction; nil for nobody.
	Follow func(ctx context.Context, tx *postgres.Tx, c Change) error
	Log    *slog.Logger
}

// Change is what a judge has done with a finding of the transaction's tenant.
type Change struct {
	ID             uuid.UUID
	Agent          int32
	Kind, Subject  string
	Title, Message string
	Severity       Severity
	Class          tables.Class
	State          State // of the finding now
	Opened         bool  // by this change
}

// Service raises and resolves findings for judges, and shows them to people. Safe for concurrent use.
type Service struct{ Config }

// New makes a Service.
func New(c Config) *Service { return &Service{c} }

// Raise opens a finding, opens it again, or brings it up to date, in the transaction's tenant. What was acknowledged or
// waived stays so.
func (s *Service) Raise(ctx context.Context, tx *postgres.Tx, o Observation) error {
	_, err := s.RaiseFinding(ctx, tx, o)
	return err
}

// RaiseFinding is Raise, and gives the finding's id.
func (s *Service) RaiseFinding(ctx context.Context, tx *postgres.Tx, o Observation) (uuid.UUID, error) {
	o = o.bounded()
	id, state, opened, err := put(ctx, tx, o)
	if err != nil {
		return id, err
	}
	if opened {
		if err := s.announce(ctx, tx, o.Agent, id, Open); err != nil {
			return id, err
		}
	}
	return id, s.follow(ctx, tx, Change{id, o.Agent, o.Kind, o.Subject, o.Title, o.Message, o.Severity, o.Class, state, opened})
}

func (s *Service) follow(ctx context.Context, tx *postgres.Tx, c Change) error {
	if s.Follow == nil {
		return nil
	}
	return s.Follow(ctx, tx, c)
}

// Resolve closes the finding of a subject, if there is one that is not closed, in the transaction's tenant.
func (s *Service) Resolve(ctx context.Context, tx *postgres.Tx, agent int32, kind, subject, reason string) error {
	id, resolved, err := resolve(ctx, tx, agent, kind, subject, reason)
	if err != nil || !resolved {
		return err
	}
	if err := s.announce(ctx, tx, agent, id, Resolved); err != nil {
		return err
	}
	return s.follow(ctx, tx, Change{ID: id, Agent: agent, Kind: kind, Subject: subject, State: Resolved})
}

// OpenSubjects gives the subjects of an agent's findings of a kind that are not resolved and begin with a text, in order.
func (s *Service) OpenSubjects(ctx context.Context, tx *postgres.Tx, agent int32, kind, begin string) ([]string, error) {
	return openSubjects(ctx, tx, agent, kind, begin)
}

// Acknowledge says that the actor has seen an open finding.
func (s *Service) Acknowledge(ctx context.Context, scope access.Scope, id uuid.UUID, reason string) (*Finding, error) {
	return s.turnByHand(ctx, scope, id, Open, Acknowledged, "findings.acknowledge", reason)
}

// Reopen takes an acknowledgement back: the finding is open as it was before. What is resolved or waived opens by itself, when
// its judge or its waiver says so.
func (s *Service) Reopen(ctx context.Context, scope access.Scope, id uuid.UUID, reason string) (*Finding, error) {
	return s.turnByHand(ctx, scope, id, Acknowledged, Open, "findings.reopen", reason)
}

// turnByHand has a person change the state of a finding that is in the state from, or says fault.Conflict.
func (s *Service) turnByHand(ctx context.Context, scope access.Scope, id uuid.UUID, from, to State, action, reason string) (f *Finding, err error) {
	err = s.DB.InSubtree(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if f, err = find(ctx, tx, id); err != nil {
			return err
		}
		if f.State != from {
			return fault.New(fault.Conflict, "the finding is %s; only an %s one can be %s", f.State, from, asDone[to])
		}
		f.State = to
		if err := setState(ctx, tx, f.tenant, id, to, reason); err != nil {
			return err
		}
		tx.AfterCommit(func() { s.publish(f.TenantID, f.AgentID, id, to, tx.Now) })
		return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "finding:" + id.String(), Detail: map[string]any{"reason": reason}})
	})
	return f, err
}

// asDone says what a person does to a finding that comes into a state.
var asDone = map[State]string{Acknowledged: "acknowledged", Open: "opened again"}

// List gives findings that the scope sees, without evidence, the youngest first, those before an id.
func (s *Service) List(ctx context.Context, scope access.Scope, filter Filter, before uuid.UUID, limit int) (found []*Finding, err error) {
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		found, err = list(ctx, tx, filter, before, limit)
		return err
	})
	for _, f := range found {
		f.maskFor(scope)
	}
	return found, err
}

// Get gives a finding with its evidence and history, or fault.NotFound.
func (s *Service) Get(ctx context.Context, scope access.Scope, id uuid.UUID) (f *Finding, past []Transition, err error) {
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if f, err = find(ctx, tx, id); err != nil {
			return err
		}
		past, err = history(ctx, tx, f)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	f.maskFor(scope)
	return f, past, nil
}

// announce tells consoles once the transaction is committed.
func (s *Service) announce(ctx context.Context, tx *postgres.Tx, agent int32, id uuid.UUID, state State) error {
	tenantID, agentID, err := publicIDs(ctx, tx, agent)
	if err != nil {
		return err
	}
	tx.AfterCommit(func() { s.publish(tenantID, agentID, id, state, tx.Now) })
	return nil
}

// publish is best effort: consoles read the list again when they reconnect.
func (s *Service) publish(tenantID, agentID, id uuid.UUID, state State, at time.Time) {
	body, err := json.Marshal(struct {
		Type      string    `json:"type"`
		FindingID uuid.UUID `json:"finding_id"`
		AgentID   uuid.UUID `json:"agent_id"`
		State     State     `json:"state"`
		At        time.Time `json:"at"`
	}{"finding", id, agentID, state, at})
	if err == nil {
		err = s.Bus.Publish(context.Background(), tenantID, bus.KindEvent, id.String(), body)
	}
	if err != nil {
		s.Log.Warn("an event was not published", "kind", bus.KindEvent, "err", err)
	}
}
