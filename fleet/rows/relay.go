package rows

import (
	"time"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/queries/diff"
	"github.com/tenantra/tenantra/tables"
)

// Relayed is what an agent that speaks osquery's protocol told of one run of a scheduled query. Nobody signed it, and it has
// no sequence: osquery's numbers stand for both. Epoch says since when the agent compares, counter which run it was; a run
// that follows another may have any higher counter, for runs without a change are not told.
type Relayed struct {
	Collection, Version string
	Mode                protocol.Mode
	Epoch, Counter      int64
	At                  time.Time // by the agent's clock
	Columns             []string
	Added, Removed      [][]tables.Value // each as long as Columns
}

// Relay makes a batch of it, checked as Open checks those of our own agents. Stored rows of it have no evidence.
//
// One run may come in several batches, and again: what is stored of it is not stored twice. A removed row that is not there,
// or a change of a state that was never told whole, is stored as far as it goes, with Result.Resync.
func Relay(sender Sender, r Relayed, now time.Time) (*Batch, *protocol.Error) {
	b := &Batch{Sender: sender, relayed: true, Header: protocol.BatchHeader{
		TenantID: sender.TenantID.String(), AgentID: sender.AgentID.String(), Collection: r.Collection, QueryVersion: r.Version, Mode: r.Mode,
		Epoch: r.Epoch, Counter: r.Counter, Timestamp: r.At, Columns: r.Columns, AddedCount: len(r.Added), RemovedCount: len(r.Removed),
	}}
	if refused := checkHeader(&b.Header, sender, now); refused != nil {
		return nil, refused
	}
	hasher := diff.NewHasher(r.Columns)
	var text []byte
	for i, row := range r.Added {
		fit, refused := checkRow(&b.Header, hasher, &text, i, row)
		if refused != nil {
			return nil, refused
		}
		b.Added = append(b.Added, fit)
		b.bytes += len(fit.Value) + len(diff.Hash{})
	}
	for i, row := range r.Removed {
		fit, refused := checkRow(&b.Header, hasher, &text, i, row)
		if refused != nil {
			return nil, refused
		}
		b.Removed = append(b.Removed, fit.Hash)
	}
	return b, b.measure()
}

// relay plans what a relayed batch changes. The agent's cursor is locked, so that what is held of it is what it was read as.
func (f *flush) relay(i int) {
	p, h := f.group[i], &f.group[i].batch.Header
	now := f.streams[p.stream()]
	sameState := now.exists && now.version == h.QueryVersion && now.epoch == h.Epoch
	if sameState && h.Counter < now.counter || now.exists && now.version == h.QueryVersion && h.Epoch < now.epoch {
		f.results[i].Repeated = true
		return
	}
	again := sameState && h.Counter == now.counter
	w := f.begin(i, now)
	w.next.shape = p.entry.shape
	switch {
	case p.batch.whole() && !again:
		f.replace(p, w)
	case again:
		f.applyAgain(p, w)
	default:
		f.results[i].Resync = !f.applyHeld(p, w) || !sameState && h.Mode == protocol.ModeDifferential
	}
	if again && len(w.added)+len(w.removed) == 0 {
		f.results[i].Repeated = true
		return
	}
	f.end(w, now)
}

// applyHeld plans the changes of a further run. It tells whether all removed rows were there.
func (f *flush) applyHeld(p *pending, w *written) bool {
	agreed := true
	f.eachNet(p, func(i, n int) {
		f.add(p, w, i, n)
		w.next.rows += int64(n)
		w.next.duplicates = w.next.duplicates || n > 1
	}, func(d digest, n int) {
		held := f.holds(p, d)
		agreed = agreed && held >= n
		f.removeHeld(w, d, held, n)
	})
	return agreed
}

// applyAgain plans what a run has that is not stored of it yet: the agent has each added row at least so often, and no
// removed one. Where a run with equal rows comes in pieces, copies may be too few until the next whole state.
func (f *flush) applyAgain(p *pending, w *written) {
	f.eachNet(p, func(i, n int) {
		if n -= f.holds(p, p.added[i]); n > 0 {
			f.add(p, w, i, n)
			w.next.rows += int64(n)
			w.next.duplicates = w.next.duplicates || n > 1
		}
	}, func(d digest, n int) { f.removeHeld(w, d, f.holds(p, d), n) })
}

func (f *flush) removeHeld(w *written, d digest, held, n int) {
	if n = min(n, held); n > 0 {
		f.remove(w, d.id, n)
		w.next.rows -= int64(n)
		f.fewer = f.fewer || n < held
	}
}

// eachNet calls added with the place of each row that the batch adds on balance, and removed for those that it takes away.
func (f *flush) eachNet(p *pending, added func(i, n int), removed func(d digest, n int)) {
	net := p.net()
	for i, d := range p.added {
		if n := net[d]; n > 0 {
			net[d] = 0
			added(i, n)
		}
	}
	for _, d := range p.removed {
		if n := net[d]; n < 0 {
			net[d] = 0
			removed(d, -n)
		}
	}
}

// holds tells how many copies of a row the agent has.
func (f *flush) holds(p *pending, d digest) int { return f.current[p.stream()][d.id] }
