package agents

import (
	"context"
	"crypto/ed25519"
	"fmt"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Foreign is an endpoint whose agent speaks another protocol than ours.
type Foreign struct {
	Secret     string
	Facts      protocol.Facts
	HardwareID string // the same for two agents on what seems to be one machine
	// Enrolled is called in the transaction that makes the agent; key is the agent's id inside the database.
	Enrolled func(ctx context.Context, tx *postgres.Tx, key int32) error
}

// Admit makes the endpoint an agent, always a new one, as Enroll does for our own: the same secrets, limits and refusals. The
// agent's public key is one whose private half nobody has, so that nothing signed is ever taken for the agent's.
func (s *Service) Admit(ctx context.Context, address string, f Foreign) (Identity, error) {
	if !s.byAddress.allow(address) {
		return Identity{}, errFromAddress
	}
	facts, err := cleanFacts(f.Facts)
	if err != nil {
		return Identity{}, &protocol.Error{Code: protocol.CodeInvalid, Message: err.Error()}
	}
	known, err := s.findSecret(ctx, f.Secret)
	if err != nil {
		return Identity{}, err
	}
	if !s.bySecret.allow(known.id) {
		return Identity{}, &protocol.Error{Code: protocol.CodeBusy, Message: "too many enrolments with this secret at once: wait a second", RetryMillis: 1000}
	}
	public, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		return Identity{}, fmt.Errorf("make key: %w", err)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Identity{}, fmt.Errorf("make id: %w", err)
	}
	scope := access.System(known.tenant, "enroll")
	scope.TenantID = known.tenantID
	scope.Actor = access.Actor{Kind: access.KindAgent, ID: id, Name: facts.Hostname, Address: address}
	agent := enrolled{id: id, key: public, facts: facts, hardwareID: cleanLine(f.HardwareID, hardwareMax), secret: known.id}
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if err := s.enroll(ctx, tx, agent); err != nil {
			return err
		}
		made, err := FindAgent(ctx, tx, id)
		if err != nil {
			return err
		}
		return f.Enrolled(ctx, tx, made.Key)
	})
	if err != nil {
		return Identity{}, err
	}
	return s.identities.find(ctx, id)
}
