package enroll

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"net/http"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/state"
)

const keyPath = "/api/v1/agent/key"

// NextKey is a key that the fleet asked for and does not use yet.
type NextKey struct {
	Seed    []byte `json:"private_key_seed"`
	OrderID string `json:"order_id"`
}

// The steps of changing keys, in their order. After each, whatever ends the agent there, the state directory holds a key that
// the fleet takes: before PutNext the old one, until PromoteNext both, then the new one.

// PutNext makes a key and keeps it beside the present one.
func (id *Identity) PutNext(dir state.Dir, orderID string) error {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return fmt.Errorf("make key: %w", err)
	}
	with := *id
	with.Next = &NextKey{Seed: private.Seed(), OrderID: orderID}
	return id.replace(dir, with)
}

// OfferNext tells the fleet of the next key, in a request that the present key signs, or with byNext the next one itself.
// Refusals are *protocol.Error.
func (id *Identity) OfferNext(ctx context.Context, byNext bool) error {
	next := ed25519.NewKeyFromSeed(id.Next.Seed)
	public, _ := next.Public().(ed25519.PublicKey)
	proof := protocol.KeyOfferProof(id.AgentID, id.Next.OrderID, public)
	offer := protocol.KeyOffer{OrderID: id.Next.OrderID, PublicKey: public, Proof: ed25519.Sign(next, protocol.SigningBytes(protocol.PurposeKeyOffer, proof))}
	signer := *id
	if byNext {
		signer.Seed = id.Next.Seed
	}
	client, err := signer.Client(requestTime)
	if err != nil {
		return err
	}
	defer client.Close()
	return client.Call(ctx, http.MethodPost, keyPath, offer, nil)
}

// PromoteNext puts the next key in the place of the present one, which is gone.
func (id *Identity) PromoteNext(dir state.Dir) error {
	with := *id
	with.Seed, with.Next = id.Next.Seed, nil
	return id.replace(dir, with)
}

// DropNext gives the next key up. It must not be one that the fleet has taken.
func (id *Identity) DropNext(dir state.Dir) error {
	with := *id
	with.Next = nil
	return id.replace(dir, with)
}

// replace keeps another identity in the state directory and, once it is there, in memory.
func (id *Identity) replace(dir state.Dir, with Identity) error {
	if err := with.check(); err != nil {
		return fmt.Errorf("identity: %w", err)
	}
	if err := with.save(dir); err != nil {
		return err
	}
	*id = with
	return nil
}
