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

	"github.com/tenantra/tenantra/fleet/access"
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

// Act is an entry of one of the transaction's tenants, with who did it.
type Act struct {
	Tenant int32
	Actor  access.Actor
	Entry
}

// Record adds an entry to the chain of the transaction's tenant. The chain's head stays locked until the transaction
// ends, so entries of one tenant have one order and no gap.
func Record(ctx context.Context, tx *postgres.Tx, entry Entry) error {
	return RecordAll(ctx, tx, []Act{{tx.Scope.Tenant, tx.Scope.Actor, entry}})
}

// RecordAll adds entries to the chains of their tenants, those of one tenant in the order given, as Record does for one. All
// heads are locked in the order of their tenants, so it is called once in a transaction.
func RecordAll(ctx context.Context, tx *postgres.Tx, acts []Act) error {
	entries := make([]Stored, len(acts))
	for i, act := range acts {
		e, actor := &entries[i], act.Actor
		*e = Stored{
			Tenant: act.Tenant, At: tx.Now, ActorKind: string(actor.Kind), ActorID: actor.ID, ActorName: actor.Name,
			OnBehalf: actor.OnBehalf, Grant: actor.Grant, Action: act.Action, Object: act.Object, Address: actor.Address,
		}
		if act.Detail != nil {
			detail, err := json.Marshal(act.Detail)
			if err != nil {
				return fmt.Errorf("encode audit detail of %s: %w", act.Action, err)
			}
			e.Detail = detail
		}
		detailHash := sha256.Sum256(e.Detail)
		e.DetailHash = detailHash[:]
	}
	return extend(ctx, tx, entries)
}

// encoder writes fields in fixed order, each with its type and length, so that no two different contents have the same
// bytes.
type encoder []byte

func (e *encoder) field(tag byte, content []byte) {
	*e = append(*e, tag)
	*e = binary.BigEndian.AppendUint32(*e, uint32(len(content)))
	*e = append(*e, content...)
}

func (e *encoder) number(n int64) { e.field('i', binary.BigEndian.AppendUint64(nil, uint64(n))) }
func (e *encoder) text(s string)  { e.field('s', []byte(s)) }
func (e *encoder) id(u uuid.UUID) { e.field('u', u[:]) }
func (e *encoder) time(at time.Time) {
	e.field('t', binary.BigEndian.AppendUint64(nil, uint64(at.UnixMicro())))
}

// digest is the hash of an entry.
func (s *Stored) digest() []byte {
	e := encoder(purpose)
	e.number(int64(s.Tenant))
	e.number(s.Seq)
	e.time(s.At)
	e.text(s.ActorKind)
	e.id(s.ActorID)
	e.text(s.ActorName)
	e.id(s.OnBehalf)
	e.id(s.Grant)
	e.text(s.Action)
	e.text(s.Object)
	e.text(s.Address)
	e.field('b', s.DetailHash)
	e.field('b', s.PreviousHash)
	sum := sha256.Sum256(e)
	return sum[:]
}
