package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"

	"github.com/tenantra/tenantra/fleet/postgres"
)

const verifyPage = 1000

// Verdict is what a walk along a tenant's chain found.
type Verdict struct {
	OK          bool
	Entries     int64  // read, up to the first bad one
	FirstBadSeq int64  // of the first entry that is missing or not as it was written; 0 when all are
	Reason      string // why, for people
}

// Verify walks the chain of the transaction's tenant from its start and names the first entry that was changed, removed,
// inserted or moved. Run it in a transaction that sees one state (InScope's first statement decides): entries added
// meanwhile do not count as bad, for the head is read before them.
func Verify(ctx context.Context, tx *postgres.Tx) (Verdict, error) {
	headSeq, headHash, err := head(ctx, tx)
	if err != nil {
		return Verdict{}, err
	}
	walk := walker{tenant: tx.Scope.Tenant, previous: make([]byte, sha256.Size)}
	for walk.seq < headSeq {
		entries, err := entriesAfter(ctx, tx, walk.seq, verifyPage)
		if err != nil {
			return Verdict{}, err
		}
		if len(entries) == 0 {
			return walk.bad("the chain's head knows of more entries: the end was cut off"), nil
		}
		for i := range entries {
			if walk.seq == headSeq {
				break // added after the head was read
			}
			if reason := walk.step(&entries[i]); reason != "" {
				return walk.bad(reason), nil
			}
		}
	}
	if headSeq == 0 {
		entries, err := entriesAfter(ctx, tx, 0, 1)
		if err != nil {
			return Verdict{}, err
		}
		if len(entries) > 0 {
			return walk.bad("there are entries but the chain's head is gone"), nil
		}
		return Verdict{OK: true}, nil
	}
	if !bytes.Equal(walk.previous, headHash) {
		walk.seq--
		return walk.bad("the last entry is not the one that the chain's head names"), nil
	}
	return Verdict{OK: true, Entries: walk.seq}, nil
}

// walker stands on the last good entry.
type walker struct {
	tenant   int32
	seq      int64
	previous []byte
}

func (w *walker) bad(reason string) Verdict {
	return Verdict{Entries: w.seq, FirstBadSeq: w.seq + 1, Reason: reason}
}

// step moves to the entry, or says why it is not the one that belongs there.
func (w *walker) step(entry *Stored) (reason string) {
	switch {
	case entry.Seq != w.seq+1:
		return "the entry is missing"
	case entry.Tenant != w.tenant:
		return "the entry belongs to another tenant"
	case subtle.ConstantTimeCompare(entry.Hash, entry.digest()) == 0:
		return "the entry is not as it was written"
	case !bytes.Equal(entry.PreviousHash, w.previous):
		return "the entry does not follow the one before it"
	}
	if entry.Detail != nil {
		if sum := sha256.Sum256(entry.Detail); !bytes.Equal(sum[:], entry.DetailHash) {
			return "the entry's detail is not as it was written"
		}
	}
	w.seq, w.previous = entry.Seq, entry.Hash
	return ""
}
