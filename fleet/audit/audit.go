// Package audit keeps who did what, when, to what, from where and on whose behalf: one hash chain for each tenant, to
// which the serving role can only add. Each entry is written in the transaction of the change that it tells of.
package audit

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/postgres"
)

// Entry is what a feature tells: the actor, tenant, time and address come from the transaction's scope.
type Entry struct {
	Action string // "noun.verb", such as "users.deactivate"; also what the operation declares
	Object string // what it was done to: "user:<id>"; "" when the tenant as a whole
	Detail any    // further facts, stored as JSON, nil for none; never a secret
}

// Stored is an entry in the chain.
type Stored struct {
	Tenant       int32
	Seq          int64 // 1, 2, 3 … without a gap
	At           time.Time
	ActorKind    string
	ActorID      uuid.UUID // zero for the system
	ActorName    string
	OnBehalf     uuid.UUID // the person acted for, zero when oneself
	Grant        uuid.UUID // the impersonation grant, else zero
	Action       string
	Object       string
	Address      string
	Detail       []byte // JSON, nil for none or when retention erased it
	DetailHash   []byte // SHA-256 of Detail as it was written
	PreviousHash []byte
	Hash         []byte
}

const purpose = "tenantra/v1/audit\x00"

// Record adds an entry to the chain of the transaction's tenant. The chain's head stays locked until the transaction
// ends, so entries of one tenant have one order and no gap.
func Record(ctx context.Context, tx *postgres.Tx, entry Entry) error {
	actor := tx.Scope.Actor
	stored := Stored{
		Tenant: tx.Scope.Tenant, At: tx.Now, ActorKind: string(actor.Kind), ActorID: actor.ID, ActorName: actor.Name,
		OnBehalf: actor.OnBehalf, Action: entry.Action, Object: entry.Object, Address: actor.Address,
	}
	if entry.Detail != nil {
		detail, err := json.Marshal(entry.Detail)
		if err != nil {
			return fmt.Errorf("encode audit detail of %s: %w", entry.Action, err)
		}
		stored.Detail = detail
	}
	detailHash := sha256.Sum256(stored.Detail)
	stored.DetailHash = detailHash[:]
	return extend(ctx, tx, &stored)
}

// digest is the hash of an entry: every field in fixed order, each with its type and length, so that no two different
// entries have the same bytes.
func (s *Stored) digest() []byte {
	bytes := []byte(purpose)
	field := func(tag byte, content []byte) {
		bytes = append(bytes, tag)
		bytes = binary.BigEndian.AppendUint32(bytes, uint32(len(content)))
		bytes = append(bytes, content...)
	}
	number := func(n int64) { field('i', binary.BigEndian.AppendUint64(nil, uint64(n))) }
	text := func(s string) { field('s', []byte(s)) }
	id := func(u uuid.UUID) { field('u', u[:]) }
	number(int64(s.Tenant))
	number(s.Seq)
	field('t', binary.BigEndian.AppendUint64(nil, uint64(s.At.UnixMicro())))
	text(s.ActorKind)
	id(s.ActorID)
	text(s.ActorName)
	id(s.OnBehalf)
	id(s.Grant)
	text(s.Action)
	text(s.Object)
	text(s.Address)
	field('b', s.DetailHash)
	field('b', s.PreviousHash)
	sum := sha256.Sum256(bytes)
	return sum[:]
}
