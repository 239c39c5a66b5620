package gateway

import (
	"context"
	"crypto/ed25519"
	"net/http"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/agents"
)

// An agent that is changing keys has two that count, until its first message under the new one: this file is where a message
// finds its key.

// errReplaced ends a connection that was opened with a key which counts no more.
var errReplaced = &protocol.Error{Code: protocol.CodeSignature, Message: "the connection was opened with a key that was replaced: connect again with the new one"}

// identify gives an agent by the key of its message: signed tells whether a key signed it. The identity's PublicKey is the
// key that did; it may be one that has yet to take the old one's place (agents.Service.Proved). What is remembered of the
// agent may be a moment old, so that it is asked anew before a message is refused.
func (g *Gateway) identify(ctx context.Context, id uuid.UUID, signed func(ed25519.PublicKey) bool) (agents.Identity, error) {
	for _, look := range []func(context.Context, uuid.UUID) (agents.Identity, error){g.Agents.Identify, g.Agents.IdentifyAnew} {
		identity, err := look(ctx, id)
		if err != nil {
			return agents.Identity{}, err
		}
		if signed(identity.PublicKey) {
			return identity, nil
		}
		if len(identity.NextKey) > 0 && signed(identity.NextKey) {
			identity.PublicKey = identity.NextKey
			return identity, nil
		}
	}
	if err := g.Agents.NoteReplaced(ctx, id, signed); err != nil {
		return agents.Identity{}, err
	}
	return agents.Identity{}, signatureError(protocol.ErrSignature)
}

// current tells whether a connection's agent is still welcome, and by the key that it was opened with.
func (g *Gateway) current(ctx context.Context, s *session) (agents.Identity, *protocol.Error) {
	identity, err := g.Agents.Identify(ctx, s.identity.ID)
	if err != nil {
		return agents.Identity{}, g.refusal(ctx, err)
	}
	if !identity.PublicKey.Equal(s.identity.PublicKey) && !identity.NextKey.Equal(s.identity.PublicKey) {
		// Of another server's doing this one may not have heard yet.
		if identity, err = g.Agents.IdentifyAnew(ctx, s.identity.ID); err != nil {
			return agents.Identity{}, g.refusal(ctx, err)
		}
		if !identity.PublicKey.Equal(s.identity.PublicKey) {
			return agents.Identity{}, errReplaced
		}
	}
	return identity, nil
}

// postKey takes the key that an agent is to have from its first message under it on.
func (g *Gateway) postKey(ctx context.Context, identity agents.Identity, _ *http.Request, body []byte) (any, error) {
	var offer protocol.KeyOffer
	if err := protocol.Decode(body, &offer); err != nil {
		return nil, invalid(err)
	}
	if err := g.Agents.OfferKey(ctx, identity, offer); err != nil {
		return nil, err
	}
	return struct{}{}, nil
}
