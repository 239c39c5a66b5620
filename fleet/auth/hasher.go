package auth

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"sync/atomic"

	"github.com/alexedwards/argon2id"
	"golang.org/x/crypto/argon2"

	"github.com/tenantra/tenantra/fleet/fault"
)

const (
	hashesAtOnce  = 4 // each takes 64 MiB
	hashesWaiting = 32
)

// DefaultCost is argon2id with 64 MiB and three passes.
func DefaultCost() argon2id.Params {
	return argon2id.Params{Memory: 64 << 10, Iterations: 3, Parallelism: 1, SaltLength: 16, KeyLength: 32}
}

// hasher hashes passwords, a few at a time.
type hasher struct {
	key     []byte // the pepper
	cost    argon2id.Params
	slots   chan struct{}
	waiting atomic.Int32
	dummy   string // random, for accounts that do not exist: it takes as long to compare and matches nothing
}

func newHasher(key []byte, cost argon2id.Params) *hasher {
	random := make([]byte, cost.SaltLength+cost.KeyLength)
	rand.Read(random)
	text := base64.RawStdEncoding.EncodeToString
	dummy := fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, cost.Memory, cost.Iterations, cost.Parallelism,
		text(random[:cost.SaltLength]), text(random[cost.SaltLength:]))
	return &hasher{key: key, cost: cost, slots: make(chan struct{}, hashesAtOnce), dummy: dummy}
}

// enter waits for a slot. When too many wait already it refuses, rather than let memory and answers grow.
func (h *hasher) enter(ctx context.Context) (leave func(), err error) {
	if h.waiting.Add(1) > hashesAtOnce+hashesWaiting {
		h.waiting.Add(-1)
		return nil, fault.New(fault.Unavailable, "too many people sign in at this moment: try again in a few seconds")
	}
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots; h.waiting.Add(-1) }, nil
	case <-ctx.Done():
		h.waiting.Add(-1)
		return nil, ctx.Err()
	}
}

func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	hash, err := argon2id.CreateHash(pepper(h.key, password), &h.cost)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return hash, nil
}

// verify compares; stale tells that the hash was made with another cost and should be made anew. An empty hash, of an
// account that does not exist, costs the same time and never matches.
func (h *hasher) verify(ctx context.Context, password, hash string) (match, stale bool, err error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return false, false, err
	}
	defer leave()
	exists := hash != ""
	if !exists {
		hash = h.dummy
	}
	match, params, err := argon2id.CheckHash(pepper(h.key, password), hash)
	if err != nil {
		return false, false, fmt.Errorf("compare password: %w", err)
	}
	return match && exists, *params != h.cost, nil
}
