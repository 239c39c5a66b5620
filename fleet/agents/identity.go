package agents

import (
	"context"
	"crypto/ed25519"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
)

// Identity is what an agent's key stands for.
type Identity struct {
	ID, TenantID uuid.UUID
	Tenant, Key  int32 // ids inside the database
	PublicKey    ed25519.PublicKey
	NextKey      ed25519.PublicKey // counts as well, until the first message under it; nil for none
	State        State
	Platform     string
}

// stateAge is how old the answer of Identify may be.
const stateAge = 4 * time.Second

// identities remembers agents for a few seconds, so that a request costs no query but a revocation works at once.
// Safe for concurrent use.
type identities struct {
	directory *directory
	now       func() time.Time

	mu    sync.Mutex
	known map[uuid.UUID]remembered
}

type remembered struct {
	identity Identity
	until    time.Time
}

const identitiesMax = 100_000

// find gives an agent; one that does not exist has no Key.
func (c *identities) find(ctx context.Context, id uuid.UUID) (Identity, error) {
	now := c.now()
	c.mu.Lock()
	r, ok := c.known[id]
	c.mu.Unlock()
	if ok && now.Before(r.until) {
		return r.identity, nil
	}
	identity, err := c.directory.find(ctx, id)
	if err != nil {
		return Identity{}, err
	}
	if identity.Key == 0 {
		return identity, nil // guessed ids are not worth remembering
	}
	c.remember(identity)
	return identity, nil
}

func (c *identities) remember(identity Identity) {
	until := c.now().Add(stateAge)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) >= identitiesMax {
		clear(c.known)
	}
	c.known[identity.ID] = remembered{identity, until}
}

func (c *identities) forget(id uuid.UUID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.known, id)
}

// Identify gives the agent of a public id, as of at most a few seconds ago. An agent that is unknown, revoked or not yet
// approved is a *protocol.Error.
func (s *Service) Identify(ctx context.Context, id uuid.UUID) (Identity, error) {
	identity, err := s.identities.find(ctx, id)
	if err != nil {
		return Identity{}, err
	}
	switch {
	case identity.Key == 0:
		return Identity{}, &protocol.Error{Code: protocol.CodeUnknownAgent, Message: "no such agent: enrol the endpoint"}
	case identity.State == Revoked:
		return Identity{}, &protocol.Error{Code: protocol.CodeRevoked, Message: "the agent is revoked: enrol the endpoint anew if it should come back"}
	case identity.State == Pending:
		return Identity{}, &protocol.Error{Code: protocol.CodePending, Message: "the agent waits for a person's approval"}
	}
	return identity, nil
}
