package agents

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Keys is what changing agents' keys needs of its surroundings.
type Keys struct {
	// Order brings the order to change keys to an agent that is connected.
	Order func(ctx context.Context, tenant, agent uuid.UUID, r protocol.Rekey) error
	// Life is how old the keys of a tenant's agents may get; nil: nothing is ordered by age.
	Life func(ctx context.Context, tenant int32) (time.Duration, error)
	// Tenants gives every tenant of the installation.
	Tenants func(ctx context.Context) ([]int32, error)
}

// BusRekeyed is the kind of bus messages that tell of an agent, their id, whose keys are others now.
const BusRekeyed = "agent_rekeyed"

const (
	dueInterval  = time.Hour
	dueMost      = 200 // of one tenant at each look, so that a fleet that was enrolled in a day does not change keys in a minute
	replacedMost = 8   // keys that an agent had, and that its messages are held against
)

// Rotation is an order to change keys. An agent that is away is told when it comes.
type Rotation struct {
	OrderID   uuid.UUID
	OrderedAt time.Time
}

const (
	sqlRekeyable = `
SELECT EXISTS (SELECT FROM osquery_nodes WHERE tenant_id = $1 AND agent_id = $2),
       EXISTS (SELECT FROM agent_moves WHERE tenant_id = $1 AND agent_id = $2 AND arrived_at IS NULL)`
	// An order that is not carried out yet stays the same.
	sqlOrderKey = `
UPDATE agents SET rekey_ordered_at = CASE WHEN rekey_order IS NULL THEN $4 ELSE rekey_ordered_at END, rekey_order = coalesce(rekey_order, $3),
       last_modified_by = $5, last_modified_at = $4
 WHERE tenant_id = $1 AND id = $2 RETURNING rekey_order, rekey_ordered_at`
)

// RotateKey has an agent of the scope's tenant change keys.
func (s *Service) RotateKey(ctx context.Context, scope access.Scope, id uuid.UUID) (ordered Rotation, err error) {
	fresh, err := uuid.NewV7()
	if err != nil {
		return Rotation{}, fmt.Errorf("make id: %w", err)
	}
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		agent, err := FindAgent(ctx, tx, id)
		if err != nil {
			return err
		}
		if agent.Tenant != tx.Scope.Tenant {
			return fault.New(fault.NotFound, "no such agent")
		}
		if agent.Status != StatusOnline && agent.Status != StatusOffline {
			return fault.New(fault.Conflict, "the agent is %s: only an active one changes keys", agent.Status)
		}
		var node, moving bool
		if err := tx.QueryRow(ctx, sqlRekeyable, agent.Tenant, agent.Key).Scan(&node, &moving); err != nil {
			return fmt.Errorf("look at an agent: %w", err)
		}
		switch {
		case node:
			return fault.New(fault.Conflict, "this is an osqueryd: it gets another node key when it enrols again")
		case moving:
			return fault.New(fault.Conflict, "the agent is on its way to another tenant: have it change keys there")
		}
		if err := tx.QueryRow(ctx, sqlOrderKey, agent.Tenant, agent.Key, fresh, tx.Now, tx.Scope.Actor.String()).Scan(&ordered.OrderID, &ordered.OrderedAt); err != nil {
			return fmt.Errorf("order another key: %w", err)
		}
		tx.AfterCommit(func() { s.orderKey(context.WithoutCancel(ctx), agent.TenantID, id, ordered.OrderID) })
		return audit.Record(ctx, tx, audit.Entry{Action: "agents.rotate_key", Object: object(id), Detail: map[string]any{"hostname": agent.Facts.Hostname}})
	})
	return ordered, err
}

func (s *Service) orderKey(ctx context.Context, tenant, agent, order uuid.UUID) {
	if err := s.Keys.Order(ctx, tenant, agent, protocol.Rekey{OrderID: order.String()}); err != nil {
		s.Log.WarnContext(ctx, "an agent is told to change keys when it connects again", "agent_id", agent, "err", err)
	}
}

// Rekeying gives the order to change keys that an agent which has just connected has yet to carry out, nil for none.
func (s *Service) Rekeying(ctx context.Context, identity Identity) (r *protocol.Rekey, err error) {
	err = s.DB.InScope(ctx, access.System(identity.Tenant, "agents"), func(ctx context.Context, tx *postgres.Tx) error {
		const text = `SELECT rekey_order FROM agents WHERE tenant_id = $1 AND id = $2`
		var order *uuid.UUID
		if err := tx.QueryRow(ctx, text, identity.Tenant, identity.Key).Scan(&order); err != nil {
			return fmt.Errorf("look for an order to agent %s: %w", identity.ID, err)
		}
		if r = nil; order != nil {
			r = &protocol.Rekey{OrderID: order.String()}
		}
		return nil
	})
	return r, err
}

// scopeOf is the scope of what an agent does itself.
func scopeOf(identity Identity) access.Scope {
	scope := access.System(identity.Tenant, "agents")
	scope.TenantID = identity.TenantID
	scope.Actor = access.Actor{Kind: access.KindAgent, ID: identity.ID, Name: "agent"}
	return scope
}

const (
	sqlKeysOf   = `SELECT public_key, next_key, rekey_order FROM agents WHERE tenant_id = $1 AND id = $2 FOR UPDATE`
	sqlHadKey   = `SELECT EXISTS (SELECT FROM agent_keys WHERE tenant_id = $1 AND agent_id = $2 AND public_key = $3)`
	sqlTakeNext = `UPDATE agents SET next_key = $3, last_modified_by = $4, last_modified_at = $5 WHERE tenant_id = $1 AND id = $2`
)

// OfferKey takes the key that an agent was ordered to make. Both of its keys count from now on, until its first message under
// the new one. The same key may be offered again; another one that is offered for the same order is a second endpoint's. The
// caller has checked that one of the agent's keys signed the offer. Refusals are *protocol.Error.
func (s *Service) OfferKey(ctx context.Context, identity Identity, offer protocol.KeyOffer) error {
	key := ed25519.PublicKey(offer.PublicKey)
	proof := protocol.KeyOfferProof(identity.ID.String(), offer.OrderID, key)
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, protocol.SigningBytes(protocol.PurposeKeyOffer, proof), offer.Proof) {
		return &protocol.Error{Code: protocol.CodeInvalid, Message: "the offer is not signed by the key that it offers"}
	}
	another := false
	err := s.DB.InScope(ctx, scopeOf(identity), func(ctx context.Context, tx *postgres.Tx) error {
		another = false
		var present, next []byte
		var order *uuid.UUID
		if err := tx.QueryRow(ctx, sqlKeysOf, identity.Tenant, identity.Key).Scan(&present, &next, &order); err != nil {
			return fmt.Errorf("read keys of agent %s: %w", identity.ID, err)
		}
		if key.Equal(ed25519.PublicKey(present)) || key.Equal(ed25519.PublicKey(next)) {
			return nil
		}
		if order == nil || order.String() != offer.OrderID {
			return &protocol.Error{Code: protocol.CodeUnknownOrder, Message: "nobody asked the agent for another key"}
		}
		if another = next != nil; another {
			return &protocol.Error{Code: protocol.CodeUnknownOrder, Message: "another key was offered for this order already: two endpoints share this agent's key"}
		}
		var had bool
		if err := tx.QueryRow(ctx, sqlHadKey, identity.Tenant, identity.Key, []byte(key)).Scan(&had); err != nil {
			return fmt.Errorf("read keys of agent %s: %w", identity.ID, err)
		}
		if had {
			return &protocol.Error{Code: protocol.CodeInvalid, Message: "the agent had this key before: make another"}
		}
		if _, err := tx.Exec(ctx, sqlTakeNext, identity.Tenant, identity.Key, []byte(key), tx.Scope.Actor.String(), tx.Now); err != nil {
			return fmt.Errorf("keep the next key of agent %s: %w", identity.ID, err)
		}
		tx.AfterCommit(func() { s.keysChanged(identity) })
		return audit.Record(ctx, tx, audit.Entry{Action: "agents.key_offered", Object: object(identity.ID), Detail: map[string]any{"order_id": offer.OrderID}})
	})
	if another {
		s.ReportClone(ctx, identity, "Two endpoints made a key each when the agent was told to change keys")
	}
	return err
}

func (s *Service) keysChanged(identity Identity) {
	s.identities.forget(identity.ID)
	s.publish(identity.TenantID, BusRekeyed, identity.ID.String(), nil)
}

const (
	sqlKeepReplaced = `
INSERT INTO agent_keys (tenant_id, agent_id, public_key, made_at, replaced_at)
SELECT tenant_id, id, public_key, coalesce(key_made_at, enrolled_at), $4 FROM agents WHERE tenant_id = $1 AND id = $2 AND next_key = $3`
	sqlPromote = `
UPDATE agents SET public_key = next_key, next_key = NULL, rekey_order = NULL, rekey_ordered_at = NULL, key_made_at = $4, last_modified_by = $5, last_modified_at = $4
 WHERE tenant_id = $1 AND id = $2 AND next_key = $3`
)

// Proved is told that a message of the agent was signed with identity.PublicKey. Where that is the next key, it takes the
// place of the old one, which counts no more, on this server at once and on every other within seconds.
func (s *Service) Proved(ctx context.Context, identity Identity) (Identity, error) {
	if len(identity.NextKey) == 0 || !identity.PublicKey.Equal(identity.NextKey) {
		return identity, nil
	}
	err := s.DB.InScope(ctx, scopeOf(identity), func(ctx context.Context, tx *postgres.Tx) error {
		key := []byte(identity.NextKey)
		if _, err := tx.Exec(ctx, sqlKeepReplaced, identity.Tenant, identity.Key, key, tx.Now); err != nil {
			return fmt.Errorf("keep the old key of agent %s: %w", identity.ID, err)
		}
		done, err := tx.Exec(ctx, sqlPromote, identity.Tenant, identity.Key, key, tx.Now, tx.Scope.Actor.String())
		if err != nil {
			return fmt.Errorf("change the key of agent %s: %w", identity.ID, err)
		}
		tx.AfterCommit(func() { s.keysChanged(identity) })
		if done.RowsAffected() == 0 {
			return nil // another connection was faster
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "agents.key_replaced", Object: object(identity.ID)})
	})
	if err != nil {
		return Identity{}, err
	}
	now, err := s.IdentifyAnew(ctx, identity.ID)
	if err == nil && !now.PublicKey.Equal(identity.PublicKey) {
		err = &protocol.Error{Code: protocol.CodeSignature, Message: protocol.ErrSignature.Error()}
	}
	return now, err
}

// IdentifyAnew is Identify as of now.
func (s *Service) IdentifyAnew(ctx context.Context, id uuid.UUID) (Identity, error) {
	s.identities.forget(id)
	return s.Identify(ctx, id)
}

const sqlReplaced = `SELECT public_key FROM agent_keys WHERE tenant_id = $1 AND agent_id = $2 ORDER BY replaced_at DESC LIMIT $3`

// NoteReplaced looks, after no present key of an agent held for a message, whether one did that was replaced: signed tells.
// Whoever still has that is a copy of the endpoint from before, and people are told.
func (s *Service) NoteReplaced(ctx context.Context, id uuid.UUID, signed func(ed25519.PublicKey) bool) error {
	identity, err := s.Identify(ctx, id)
	if err != nil {
		return err
	}
	var keys [][]byte
	err = s.DB.InScope(ctx, access.System(identity.Tenant, "agents"), func(ctx context.Context, tx *postgres.Tx) error {
		rows, err := tx.Query(ctx, sqlReplaced, identity.Tenant, identity.Key, replacedMost)
		if err != nil {
			return err
		}
		keys, err = pgx.CollectRows(rows, pgx.RowTo[[]byte])
		return err
	})
	if err != nil {
		return fmt.Errorf("read replaced keys of agent %s: %w", id, err)
	}
	for _, key := range keys {
		if signed(key) {
			s.ReportClone(ctx, identity, "An endpoint used a key of the agent that was replaced, as a copy of its state directory from before would")
			return nil
		}
	}
	return nil
}

// One statement orders and tells whom. Agents of another protocol, and those that leave, keep what they have.
const sqlDueKeys = `
UPDATE agents a SET rekey_order = gen_random_uuid(), rekey_ordered_at = $2, last_modified_by = $4, last_modified_at = $2
  FROM tenants t
 WHERE t.id = a.tenant_id AND a.tenant_id = $1 AND a.id IN (
       SELECT d.id FROM agents d
        WHERE d.tenant_id = $1 AND d.state = 'active' AND d.rekey_order IS NULL AND coalesce(d.key_made_at, d.enrolled_at) < $3
          AND NOT EXISTS (SELECT FROM osquery_nodes n WHERE n.tenant_id = d.tenant_id AND n.agent_id = d.id)
          AND NOT EXISTS (SELECT FROM agent_moves m WHERE m.tenant_id = d.tenant_id AND m.agent_id = d.id AND m.arrived_at IS NULL)
        ORDER BY coalesce(d.key_made_at, d.enrolled_at) LIMIT $5 FOR UPDATE SKIP LOCKED)
RETURNING a.public_id, t.public_id, a.rekey_order`

// OrderDue has agents change keys that are as old as their tenant lets them get. Several servers may look at once: an agent
// is told one order.
func (s *Service) OrderDue(ctx context.Context) error {
	if s.Keys.Life == nil {
		return nil
	}
	tenants, err := s.Keys.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, tenant := range tenants {
		life, err := s.Keys.Life(ctx, tenant)
		if err != nil {
			return err
		}
		err = s.DB.InScope(ctx, access.System(tenant, "agents"), func(ctx context.Context, tx *postgres.Tx) error {
			rows, err := tx.Query(ctx, sqlDueKeys, tenant, tx.Now, s.Now().Add(-life), tx.Scope.Actor.String(), dueMost)
			if err != nil {
				return err
			}
			var agent, public, order uuid.UUID
			var entries []audit.Entry
			_, err = pgx.ForEachRow(rows, []any{&agent, &public, &order}, func() error {
				to, of, what := agent, public, order
				tx.AfterCommit(func() { s.orderKey(context.WithoutCancel(ctx), of, to, what) })
				entries = append(entries, audit.Entry{Action: "agents.rotate_key", Object: object(to), Detail: map[string]any{"reason": "age"}})
				return nil
			})
			if err != nil {
				return err
			}
			for _, e := range entries {
				if err := audit.Record(ctx, tx, e); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("look for old keys in tenant %d: %w", tenant, err)
		}
	}
	return nil
}

// watchKeys looks for old keys until ctx ends.
func (s *Service) watchKeys(ctx context.Context) error {
	tick := time.NewTicker(dueInterval)
	defer tick.Stop()
	for {
		if err := s.OrderDue(ctx); err != nil && !errors.Is(err, context.Canceled) {
			s.Log.ErrorContext(ctx, "agents with old keys", "err", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
