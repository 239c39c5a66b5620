package rows

import (
	"bytes"
	"crypto/sha256"
	"time"

	"github.com/tenantra/tenantra/agent/protocol"
)

// whole tells whether the batch holds the whole state of its collection.
func (b *Batch) whole() bool {
	return b.Header.Mode == protocol.ModeSnapshot || b.Header.Mode == protocol.ModeDifferential && b.Header.Counter == 0
}

// failed tells whether the query gave nothing because it failed: what is stored then stays as it is.
func (b *Batch) failed() bool {
	return b.Header.Execution.StatusCode != 0 && len(b.Added) == 0 && len(b.Removed) == 0
}

// decide says what becomes of a batch and plans its changes.
func (f *flush) decide(i int) {
	p, h := f.group[i], &f.group[i].batch.Header
	c := f.cursors[p.agent()]
	if c == nil {
		f.results[i].Refused = refuse(protocol.CodeUnknownAgent, "the agent is not enrolled")
		return
	}
	if p.batch.relayed {
		f.relay(i)
		return
	}
	header := sha256.Sum256(p.batch.Signed.Payload)
	if h.Sequence <= c.sequence {
		f.results[i] = f.repeated(p, c, header[:])
		return
	}
	// A refused batch uses its sequence up as well: it is never sent again.
	c.sequence, c.header, c.moved = h.Sequence, header[:], true
	now := f.streams[p.stream()]
	if gap := f.gap(p.batch, now); gap != nil {
		f.results[i] = Result{Refused: gap, Resync: true}
		return
	}
	w := f.begin(i, now)
	if !p.batch.failed() {
		w.next.shape = p.entry.shape
		if p.batch.whole() {
			f.replace(p, w)
		} else {
			f.apply(p, w)
		}
		if h.Mode == protocol.ModeDifferential && h.Counter > 0 && h.Execution.StatusCode == 0 && h.Execution.Rows != w.next.rows {
			w.next.counter = -1
			f.results[i].Resync = true
		}
	} else if h.Mode == protocol.ModeDifferential && h.Counter == 0 {
		w.next.counter = -1 // the new epoch has no state to go on from
	}
	if !now.exists && w.next.shape == 0 {
		w.next.shape = p.entry.shape
	}
	f.end(w, now)
}

// begin opens the plan of a batch that is stored.
func (f *flush) begin(i int, now stream) *written {
	p, h := f.group[i], &f.group[i].batch.Header
	w := &written{index: i, key: p.stream(), at: f.tx.Now, next: now}
	if earliest := now.lastBatchAt.Add(time.Microsecond); now.exists && w.at.Before(earliest) {
		w.at = earliest // of another server, whose clock is ahead: a row's time never runs backwards
	}
	w.next.epoch, w.next.counter, w.next.version = h.Epoch, h.Counter, h.QueryVersion
	w.next.lastBatchAt, w.next.status = w.at, int16(h.Execution.StatusCode)
	return w
}

// end closes it.
func (f *flush) end(w *written, now stream) {
	changed := len(w.added)+len(w.removed) > 0
	if changed || !now.exists {
		w.next.changedAt = w.at
	}
	w.judge = changed || !now.exists || now.status != w.next.status || now.version != w.next.version
	f.written = append(f.written, w)
}

func (f *flush) repeated(p *pending, c *cursor, header []byte) Result {
	sequence := p.batch.Header.Sequence
	same := true
	if sequence == c.sequence {
		same = bytes.Equal(header, c.header)
	} else if stored, ok := f.headers[p.agent()][sequence]; ok {
		same = bytes.Equal(stored, p.batch.Signed.Payload)
	}
	if same {
		return Result{Repeated: true}
	}
	return Result{
		Refused: refuse(protocol.CodeSequenceReuse, "sequence %d was used for another batch: two endpoints share this agent's key, enrol one of them anew", sequence),
		Clone:   true,
	}
}

// gap tells why a differential batch does not follow on the stored state, nil where it does. Snapshots need no state before
// them, and events that were lost cannot be asked for again.
func (f *flush) gap(b *Batch, now stream) *protocol.Error {
	h := &b.Header
	if h.Mode != protocol.ModeDifferential || h.Counter == 0 {
		return nil
	}
	switch {
	case !now.exists || now.counter < 0:
		return refuse(protocol.CodeGap, "nothing is stored that batch %d of collection %q could change; its whole state is asked for", h.Counter, h.Collection)
	case now.epoch != h.Epoch || now.version != h.QueryVersion:
		return refuse(protocol.CodeGap, "collection %q began anew without its whole state, which is asked for", h.Collection)
	case now.counter+1 != h.Counter:
		return refuse(protocol.CodeGap, "batch %d of collection %q does not follow on %d; its whole state is asked for", h.Counter, h.Collection, now.counter)
	}
	return nil
}

// apply plans the changes of a batch that says what came and went.
func (f *flush) apply(p *pending, w *written) {
	net := p.net()
	w.next.rows += int64(len(p.added) - len(p.removed))
	for i, d := range p.added {
		if n := net[d]; n > 0 {
			f.add(p, w, i, n)
			w.next.duplicates = w.next.duplicates || n > 1
			net[d] = 0
		}
	}
	for _, d := range p.removed {
		if n := net[d]; n < 0 {
			f.remove(w, d.id, -n)
			f.fewer = f.fewer || w.next.duplicates
			net[d] = 0
		}
	}
}

// replace plans the difference between the stored state and a batch that holds the whole.
func (f *flush) replace(p *pending, w *written) {
	current := f.current[w.key]
	net := p.net()
	w.next.rows, w.next.duplicates = int64(len(p.added)), false
	wanted := make(map[int64]bool, len(net))
	for i, d := range p.added {
		n := net[d]
		if n == 0 {
			continue // planned with an equal row before
		}
		net[d] = 0
		wanted[d.id] = true
		w.next.duplicates = w.next.duplicates || n > 1
		switch now := current[d.id]; {
		case n > now:
			f.add(p, w, i, n-now)
		case n < now:
			f.remove(w, d.id, now-n)
			f.fewer = true
		}
	}
	for id, n := range current {
		if !wanted[id] {
			f.remove(w, id, n)
		}
	}
}

func (f *flush) add(p *pending, w *written, i, n int) {
	d := p.added[i]
	f.adds.put(w.key, d.id, n, w.at)
	w.added = append(w.added, d.id)
	f.values[rowKey{w.key.tenant, w.key.collection, d}] = value{p.entry.shape, p.batch.Added[i].Value}
}

func (f *flush) remove(w *written, id int64, n int) {
	f.removes.put(w.key, id, n, w.at)
	w.removed = append(w.removed, id)
}
