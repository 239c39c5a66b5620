package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"time"

	"github.com/tenantra/tenantra/fleet/postgres"
)

const verifyPage = 1000

// Verdict is what a walk along a tenant's chain found.
type Verdict struct {
	OK          bool
	Entries     int64  // read, up to the first bad one
	FirstSeq    int64  // where the walk began: 1, or after the entries that retention dropped
	FirstBadSeq int64  // of the first entry that is missing or not as it was written; 0 when all are
	Reason      string // why, for people

	Anchors  int   // that the chain agrees with
	Anchored int64 // the last entry that an anchor proves; entries after it are proved by the chain alone
	// AnchoredAt is when that anchor was made, zero for none.
	AnchoredAt time.Time
}

// Verify walks the chain of the transaction's tenant from its start, or from the checkpoint where retention cut it, and
// names the first entry that was changed, removed, inserted or moved. It compares the chain with all anchors; nil for
// anchors leaves that out, and takes no checkpoint. Run it in a transaction that sees one state (InScope's first statement
// decides): entries added meanwhile do not count as bad, for the head is read before them.
func Verify(ctx context.Context, tx *postgres.Tx, anchors *Anchors) (Verdict, error) {
	headSeq, headHash, err := head(ctx, tx)
	if err != nil {
		return Verdict{}, err
	}
	walk := walker{tenant: tx.Scope.Tenant, previous: make([]byte, sha256.Size)}
	if anchors != nil {
		if reason, err := walk.begin(ctx, tx, anchors); err != nil || reason != "" {
			return walk.bad(reason), err
		}
	}
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
			if anchor := walk.disagrees(); anchor != nil {
				return walk.rewritten(anchor), nil
			}
		}
	}
	if len(walk.anchors) > 0 {
		return walk.bad(fmt.Sprintf("an anchor of %s knows of entry %d: the end was cut off", walk.anchors[0].At.UTC().Format(time.RFC3339), walk.anchors[0].Seq)), nil
	}
	if headSeq == 0 {
		entries, err := entriesAfter(ctx, tx, 0, 1)
		if err != nil {
			return Verdict{}, err
		}
		if len(entries) > 0 {
			return walk.bad("there are entries but the chain's head is gone"), nil
		}
		return walk.verdict(), nil
	}
	if !bytes.Equal(walk.previous, headHash) {
		walk.seq--
		return walk.bad("the last entry is not the one that the chain's head names"), nil
	}
	return walk.verdict(), nil
}

// walker stands on the last good entry.
type walker struct {
	tenant   int32
	start    int64 // the last entry before the walk
	seq      int64
	previous []byte

	anchors []Anchor // ahead of the walk
	agreed  int
	last    Anchor // the last that agreed
}

// begin takes the checkpoint and the anchors after it. A reason says that one of them was not made by this installation.
func (w *walker) begin(ctx context.Context, tx *postgres.Tx, anchors *Anchors) (reason string, err error) {
	c, err := checkpoint(ctx, tx)
	if err != nil {
		return "", err
	}
	signer := anchors.config.Signer
	if c.Seq > 0 && !signer.VerifyAudit(c.content(purposeCheckpoint, w.tenant), c.Signature) {
		return "the checkpoint of dropped entries is not signed by this installation", nil
	}
	if c.Seq > 0 {
		w.start, w.seq, w.previous = c.Seq, c.Seq, c.Hash
	}
	all, err := anchors.all(ctx, tx)
	if err != nil {
		return "", err
	}
	for _, a := range all {
		if !signer.VerifyAudit(a.content(purposeAnchor, w.tenant), a.Signature) {
			return fmt.Sprintf("the anchor of entry %d is not signed by this installation", a.Seq), nil
		}
		if a.Seq > c.Seq {
			w.anchors = append(w.anchors, a)
		}
	}
	return "", nil
}

// disagrees compares the entry that the walk stands on with its anchors, and gives one that names another.
func (w *walker) disagrees() *Anchor {
	for len(w.anchors) > 0 && w.anchors[0].Seq == w.seq {
		a := w.anchors[0]
		if !bytes.Equal(a.Hash, w.previous) {
			return &a
		}
		w.anchors, w.agreed, w.last = w.anchors[1:], w.agreed+1, a
	}
	return nil
}

func (w *walker) verdict() Verdict {
	return Verdict{OK: true, Entries: w.seq - w.start, FirstSeq: w.start + 1, Anchors: w.agreed, Anchored: w.last.Seq, AnchoredAt: w.last.At}
}

func (w *walker) bad(reason string) Verdict {
	v := w.verdict()
	v.OK, v.FirstBadSeq, v.Reason = false, w.seq+1, reason
	return v
}

// rewritten is the verdict on a chain that is whole, but another than the one that was anchored. Which of the entries since
// the anchor before is the first that differs, nothing can tell.
func (w *walker) rewritten(a *Anchor) Verdict {
	w.seq = max(w.last.Seq, w.start)
	return w.bad(fmt.Sprintf("entries were rewritten: one of those up to %d is not as it was when the chain was anchored at %s", a.Seq, a.At.UTC().Format(time.RFC3339)))
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
