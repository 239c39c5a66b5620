package agents

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/bus"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Authority is what agents are told to trust.
type Authority interface {
	// CA is the certificate authority's certificate, DER.
	CA() []byte
	// RootKey is the installation's root key.
	RootKey() ed25519.PublicKey
	// ConfigCertificate certifies the tenant's config key by the root key.
	ConfigCertificate(ctx context.Context, tenant uuid.UUID) (protocol.Signed, error)
}

// Finding is something about an agent's identity that a person should look at.
type Finding struct {
	Tenant, Agent int32
	AgentID       uuid.UUID
	Kind          string // clone, same_hardware
	Subject       string // of one agent's findings of a kind, each has its own
	Title         string
	Message       string
}

// Findings takes them, in the transaction of what they tell of.
type Findings interface {
	RaiseAgent(ctx context.Context, tx *postgres.Tx, f Finding) error
}

// Places are what the plans of tenants have room for.
type Places interface {
	// Take takes the place of one agent, or refuses as fault.LimitReached.
	Take(tenant int32) error
}

// Config is what a Service needs of its surroundings.
type Config struct {
	DB        *postgres.DB
	Bus       *bus.Bus
	Authority Authority
	Findings  Findings
	// Enrolled is told of new agents, each of the tenant at its place, in the transaction that makes them; it opens their places
	// in other features.
	Enrolled func(ctx context.Context, tx *postgres.Tx, tenants, agents []int32) error
	// Revoked is told of each revoked agent in the transaction that revokes it; nil: nobody is.
	Revoked func(ctx context.Context, tx *postgres.Tx, agent int32) error
	Moves   Moves
	Keys    Keys
	// Room tells how many more agents some of the transaction's tenants may have; nil: there is always room.
	Room func(ctx context.Context, tx *postgres.Tx, tenants []int32) (Places, error)
	// OpenFindings counts the open findings of agents; nil counts none.
	OpenFindings func(ctx context.Context, tx *postgres.Tx, agents []Agent) (map[uuid.UUID]int, error)
	Now          func() time.Time // nil: time.Now
	Log          *slog.Logger     // nil: discarded
}

// Service enrols agents and keeps track of them. Safe for concurrent use; Run must run while it is used.
type Service struct {
	Config
	identities *identities
	presence   *presence
	bySecret   *limits[uuid.UUID]
	byAddress  *limits[string]
	lookups    *gatherer[string, *lookup]   // by the address that asks
	admissions *gatherer[int32, *applicant] // by tenant

	notes        chan note
	notesDropped atomic.Int64

	mu     sync.Mutex
	clones map[uuid.UUID]time.Time // when a clone was last reported
}

// New makes a Service.
func New(c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{
		Config:     c,
		identities: &identities{directory: newDirectory(c.DB), now: c.Now, known: map[uuid.UUID]remembered{}},
		presence:   &presence{db: c.DB, now: c.Now, seen: map[agentKey]sighting{}},
		bySecret:   newLimits[uuid.UUID](50, 50),
		byAddress:  newLimits[string](1000.0/60, 1000),
		clones:     map[uuid.UUID]time.Time{},
		notes:      make(chan note, notesMax),
	}
	s.lookups = newGatherer[string](s.lookUp)
	s.admissions = newGatherer[int32](s.admit)
	return s
}

// CreateSecret makes an enrol secret for the scope's tenant. The token is shown to its maker and kept nowhere.
func (s *Service) CreateSecret(ctx context.Context, scope access.Scope, draft SecretDraft) (Secret, string, error) {
	if err := draft.complete(); err != nil {
		return Secret{}, "", err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Secret{}, "", fmt.Errorf("make id: %w", err)
	}
	token := protocol.NewEnrollSecret(sha256.Sum256(s.Authority.CA()), sha256.Sum256(s.Authority.RootKey()))
	var secret Secret
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		secret = Secret{
			ID: id, Tags: orEmpty(draft.Tags), NeedsApproval: draft.NeedsApproval, MaxUses: draft.MaxUses,
			ExpiresAt: tx.Now.Add(draft.Life), CreatedBy: tx.Scope.Actor.String(), CreatedAt: tx.Now,
		}
		if err := createSecret(ctx, tx, secret, sha256.Sum256(token.Secret[:])); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "enroll_secrets.create", Object: "enroll_secret:" + id.String(),
			Detail: map[string]any{"expires_at": secret.ExpiresAt, "max_uses": secret.MaxUses, "tags": secret.Tags, "needs_approval": secret.NeedsApproval}})
	})
	if err != nil {
		return Secret{}, "", err
	}
	return secret, token.String(), nil
}

// ListSecrets gives the enrol secrets of the scope's tenant, the newest first, before an id.
func (s *Service) ListSecrets(ctx context.Context, scope access.Scope, before *uuid.UUID, limit int) (found []Secret, err error) {
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		found, err = listSecrets(ctx, tx, before, limit)
		return err
	})
	return found, err
}

// DeleteSecret ends an enrol secret. Agents that it enrolled stay.
func (s *Service) DeleteSecret(ctx context.Context, scope access.Scope, id uuid.UUID) error {
	return s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if err := deleteSecret(ctx, tx, id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "enroll_secrets.delete", Object: "enroll_secret:" + id.String()})
	})
}

// List gives agents of the scope's visible tenants, with the number of their open findings.
func (s *Service) List(ctx context.Context, scope access.Scope, f Filter) (found []Agent, findings map[uuid.UUID]int, err error) {
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		if found, err = ListAgents(ctx, tx, f); err != nil {
			return err
		}
		findings, err = s.openFindings(ctx, tx, found)
		return err
	})
	return found, findings, err
}

// Find gives one agent of the scope's visible tenants, or fault.NotFound.
func (s *Service) Find(ctx context.Context, scope access.Scope, id uuid.UUID) (found Agent, findings int, err error) {
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		if found, err = FindAgent(ctx, tx, id); err != nil {
			return err
		}
		counts, err := s.openFindings(ctx, tx, []Agent{found})
		findings = counts[id]
		return err
	})
	return found, findings, err
}

func (s *Service) openFindings(ctx context.Context, tx *postgres.Tx, agents []Agent) (map[uuid.UUID]int, error) {
	if s.OpenFindings == nil || len(agents) == 0 {
		return nil, nil
	}
	return s.OpenFindings(ctx, tx, agents)
}

// BusRevoked is the kind of bus messages that tell of a revoked agent, which is their id: its connections are to be closed.
const BusRevoked = "agent_revoked"

// Revoke ends an agent for good. Its connections are closed and its requests refused within seconds, on every server.
func (s *Service) Revoke(ctx context.Context, scope access.Scope, id uuid.UUID) error {
	return s.change(ctx, scope, id, "agents.revoke", Revoked, Active, Pending)
}

// Decommission revokes an agent, if it is not yet revoked, and leaves it out of lists: its endpoint is gone for good. What it
// told stays, as history.
func (s *Service) Decommission(ctx context.Context, scope access.Scope, id uuid.UUID) error {
	err := s.Revoke(ctx, scope, id)
	if err != nil && fault.CodeOf(err) != fault.Conflict {
		return err
	}
	return s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if err := decommission(ctx, tx, id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "agents.decommission", Object: "agent:" + id.String()})
	})
}

// SetTags replaces the tags of an agent of the scope's tenant.
func (s *Service) SetTags(ctx context.Context, scope access.Scope, id uuid.UUID, tags []string) error {
	if err := checkTags(tags); err != nil {
		return err
	}
	tags = slices.Compact(slices.Sorted(slices.Values(tags)))
	return s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		before, err := FindAgent(ctx, tx, id)
		if err != nil {
			return err
		}
		if before.Tenant != tx.Scope.Tenant {
			return fault.New(fault.NotFound, "no such agent")
		}
		if err := putTags(ctx, tx, id, orEmpty(tags)); err != nil {
			return err
		}
		tx.AfterCommit(func() { s.announce(changed{tenantID: before.TenantID, agentID: id, status: before.Status, at: tx.Now}) })
		return audit.Record(ctx, tx, audit.Entry{Action: "agents.tags", Object: "agent:" + id.String(), Detail: map[string]any{"before": orEmpty(before.Tags), "after": orEmpty(tags)}})
	})
}

// Lines gives what agents of the scope's visible tenants reported, the youngest first. An agent that the scope does not see
// is fault.NotFound.
func (s *Service) Lines(ctx context.Context, scope access.Scope, agent uuid.UUID, f LineFilter) (found []Line, err error) {
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if agent != uuid.Nil {
			a, err := FindAgent(ctx, tx, agent)
			if err != nil {
				return err
			}
			f.Agent = &a.Key
		}
		found, err = listNotes(ctx, tx, f)
		return err
	})
	return found, err
}

// Approve lets an agent in whose secret asked for approval.
func (s *Service) Approve(ctx context.Context, scope access.Scope, id uuid.UUID) error {
	return s.change(ctx, scope, id, "agents.approve", Active, Pending)
}

func (s *Service) change(ctx context.Context, scope access.Scope, id uuid.UUID, action string, to State, from ...State) error {
	return s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		agent, err := FindAgent(ctx, tx, id)
		if err != nil {
			return err
		}
		if agent.Tenant != tx.Scope.Tenant {
			return fault.New(fault.NotFound, "no such agent")
		}
		if err := setState(ctx, tx, id, to, from...); err != nil {
			return err
		}
		if to == Revoked && s.Revoked != nil {
			if err := s.Revoked(ctx, tx, agent.Key); err != nil {
				return err
			}
		}
		err = audit.Record(ctx, tx, audit.Entry{Action: action, Object: "agent:" + id.String(), Detail: map[string]any{"hostname": agent.Facts.Hostname}})
		if err != nil {
			return err
		}
		tx.AfterCommit(func() {
			s.identities.forget(id)
			status := StatusOffline
			if to == Revoked {
				status = StatusRevoked
				s.publish(agent.TenantID, BusRevoked, id.String(), nil)
			}
			s.announce(changed{tenantID: agent.TenantID, agentID: id, status: status, at: tx.Now})
		})
		return nil
	})
}

// cloneInterval is how often the clones of one agent are reported at most.
const cloneInterval = time.Hour

// ReportClone tells people that two endpoints share an agent's key. Both are kept.
func (s *Service) ReportClone(ctx context.Context, identity Identity, reason string) {
	s.mu.Lock()
	last, reported := s.clones[identity.ID]
	due := !reported || s.Now().Sub(last) > cloneInterval
	if due {
		if len(s.clones) >= limitsMax {
			clear(s.clones)
		}
		s.clones[identity.ID] = s.Now()
	}
	s.mu.Unlock()
	if !due {
		return
	}
	s.Log.WarnContext(ctx, "two endpoints share one agent's key", "tenant_id", identity.TenantID, "agent_id", identity.ID, "reason", reason)
	scope := access.System(identity.Tenant, "gateway")
	scope.TenantID = identity.TenantID
	err := s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		err := s.Findings.RaiseAgent(ctx, tx, Finding{
			Tenant: identity.Tenant, Agent: identity.Key, AgentID: identity.ID, Kind: "clone", Subject: "agent_key",
			Title:   "Two endpoints share one agent's key",
			Message: reason + ". Enrol one of them anew after removing the agent's state directory there.",
		})
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "agents.clone", Object: "agent:" + identity.ID.String(), Detail: map[string]any{"reason": reason}})
	})
	if err != nil {
		s.Log.ErrorContext(ctx, "a clone could not be reported", "agent_id", identity.ID, "err", err)
	}
}

// Connected takes what an agent says of itself at the start of a session. Hardware other than at enrolment is a clone.
func (s *Service) Connected(ctx context.Context, identity Identity, hello protocol.HelloHeader, facts protocol.Facts) error {
	clean, err := cleanFacts(facts)
	if err != nil {
		return &protocol.Error{Code: protocol.CodeInvalid, Message: err.Error()}
	}
	scope := access.System(identity.Tenant, "gateway")
	var hardware string
	var from origin
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if err := putFacts(ctx, tx, identity.Key, clean); err != nil {
			return err
		}
		const text = `SELECT hardware_id, from_tenant_id, from_agent_id FROM agents WHERE tenant_id = $1 AND id = $2`
		return tx.QueryRow(ctx, text, identity.Tenant, identity.Key).Scan(&hardware, &from.tenant, &from.agent)
	})
	if err != nil {
		return fmt.Errorf("note the session of agent %s: %w", identity.ID, err)
	}
	if from.tenant != nil && from.agent != nil {
		if err := s.arrived(ctx, identity, from); err != nil {
			return err
		}
	}
	told := cleanLine(hello.HardwareID, hardwareMax)
	if told != "" && hardware != "" && told != hardware {
		s.ReportClone(ctx, identity, "An endpoint with other hardware than at enrolment connected with the agent's key")
	}
	s.Seen(identity, nil, hello.ConfigVersion)
	return nil
}
