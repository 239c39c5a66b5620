package rows

import (
	"context"
	"slices"
	"sync"
	"time"
)

// queue holds the batches that wait for a writer. Those of one agent keep their order and are never with two writers at
// once; agents of a tenant are served in turn, and so are tenants. Safe for concurrent use.
//
// Small tenants share transactions. A tenant that has more here, waiting or being written, than a fair transaction holds
// floods: it is written for alone, so that others never wait behind its rows. While others send too it has one writer,
// which writes short transactions and rests after each for as long as it took; otherwise all but one. Nor can it take their
// room: one tenant holds at most half of the memory, and a sixteenth is everybody's even when the rest is taken.
type queue struct {
	config Config

	mu      sync.Mutex
	lines   map[int32]*line
	turn    []*line   // those with batches that wait, the next first
	held    int64     // bytes of all batches, those being written included
	floods  int       // writers that write for one tenant alone, those that rest included
	shared  time.Time // when a tenant that does not flood last sent
	came    chan struct{}
	left    chan struct{}
	stopped bool
}

// line is what waits of one tenant.
type line struct {
	tenant  int32
	held    int64 // bytes, those being written included
	changes int   // those being written included
	files   map[int32]*file
	turn    []*file // those with batches that wait, the next first
}

// file is what waits of one agent.
type file struct {
	agent   int32
	waiting []*pending
	group   *group // that holds earlier batches of the agent, nil for none
}

// group is what goes into one transaction.
type group struct {
	flood   *line // the only tenant of the group, nil for a shared one
	beside  bool  // whether others send beside the flood
	started time.Time
	batches []*pending
	changes int
	streams map[streamKey]bool
	files   []*file
}

const (
	batchOverhead = 1 << 10     // bytes that a batch holds beside its content, about
	othersMatter  = time.Second // how long a tenant that does not flood is counted as sending
)

func newQueue(config Config) *queue {
	return &queue{config: config, lines: map[int32]*line{}, came: make(chan struct{}), left: make(chan struct{})}
}

// put adds a batch, waiting a while for room. It gives ErrBusy when there is none.
func (q *queue) put(ctx context.Context, p *pending) error {
	var patience *time.Timer
	for {
		left, err := q.tryPut(p)
		if left == nil || err != nil {
			return err
		}
		if patience == nil {
			patience = time.NewTimer(q.config.Patience)
			defer patience.Stop()
		}
		select {
		case <-left:
		case <-patience.C:
			return ErrBusy
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// tryPut adds a batch, or gives what is closed when room was made.
func (q *queue) tryPut(p *pending) (left chan struct{}, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stopped {
		return nil, errStopped
	}
	l := q.lines[p.batch.Sender.Tenant]
	if l == nil {
		l = &line{tenant: p.batch.Sender.Tenant, files: map[int32]*file{}}
	}
	after := l.held + p.size
	if l.held > 0 && (after > q.config.MaxBytes/2 || q.held+p.size > q.config.MaxBytes && after > q.config.MaxBytes/16) {
		return q.left, nil
	}
	q.lines[l.tenant] = l
	f := l.files[p.batch.Sender.Agent]
	if f == nil {
		f = &file{agent: p.batch.Sender.Agent}
		l.files[f.agent] = f
	}
	if len(f.waiting) == 0 {
		if len(l.turn) == 0 {
			q.turn = append(q.turn, l)
		}
		l.turn = append(l.turn, f)
	}
	f.waiting = append(f.waiting, p)
	q.held, l.held, l.changes = q.held+p.size, l.held+p.size, l.changes+p.changes()
	if !q.isFlood(l) {
		q.shared = time.Now()
	}
	q.tell()
	return nil, nil
}

// gather waits for batches that may go into one transaction, and gives none once ctx has ended. One caller at a time, so
// that what comes at the same time is written together. Each group must be given back by finish.
//
// A second batch of a stream waits for the next group, or history would lose the state between; with it wait all later
// batches of its agent, or their higher sequence would make it look stored.
func (q *queue) gather(ctx context.Context) *group {
	g := &group{streams: map[streamKey]bool{}}
	if ctx.Err() != nil {
		return g
	}
	var full <-chan time.Time
	for {
		came := q.fill(g)
		if g.flood != nil || q.isFull(g) {
			return g
		}
		if full == nil && len(g.batches) > 0 {
			full = time.After(q.config.MaxDelay)
		}
		select {
		case <-came:
		case <-full:
			return g
		case <-ctx.Done():
			return g
		}
	}
}

func (q *queue) isFull(g *group) bool {
	most := q.config.MaxRows
	if g.flood != nil && g.beside {
		most /= 8
	}
	return g.changes >= most || len(g.batches) >= q.config.MaxBatches
}

// fill takes what may go into the group, a batch of each tenant in turn, and gives what is closed when that changes.
func (q *queue) fill(g *group) (came chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(g.batches) == 0 {
		q.choose(g)
	}
	for took := true; took && !q.isFull(g); {
		took = false
		for _, l := range slices.Clone(q.turn) {
			if g.flood != nil && l != g.flood || g.flood == nil && q.isFlood(l) {
				continue
			}
			if p := q.next(l, g); p != nil {
				g.batches = append(g.batches, p)
				g.changes += p.changes()
				g.streams[p.stream()] = true
				took = true
			}
			if q.isFull(g) {
				break
			}
		}
	}
	return q.came
}

// choose makes the group a flooding tenant's own, when it is that tenant's turn and a writer may be spared for it.
func (q *queue) choose(g *group) {
	beside := time.Since(q.shared) < othersMatter
	writers := max(q.config.Writers-1, 1)
	if beside {
		writers = 1
	}
	for _, l := range q.turn {
		switch {
		case !q.isFlood(l):
			return
		case q.floods < writers && l.ready():
			g.flood, g.beside, g.started = l, beside, time.Now()
			q.floods++
			return
		}
	}
}

func (q *queue) isFlood(l *line) bool {
	return l.changes > q.config.MaxRows/20 || l.held > q.config.MaxBytes/8
}

// ready tells whether an agent waits that no writer has.
func (l *line) ready() bool {
	return slices.ContainsFunc(l.turn, func(f *file) bool { return f.group == nil })
}

// next takes the tenant's next batch that may go into the group, and puts its tenant and agent behind the others.
func (q *queue) next(l *line, g *group) *pending {
	for i, f := range l.turn {
		if f.group != nil && f.group != g || g.streams[f.waiting[0].stream()] {
			continue
		}
		p := f.waiting[0]
		f.waiting = f.waiting[1:]
		if f.group == nil {
			f.group = g
			g.files = append(g.files, f)
		}
		l.turn = slices.Delete(l.turn, i, i+1)
		if len(f.waiting) > 0 {
			l.turn = append(l.turn, f)
		}
		q.turn = slices.DeleteFunc(q.turn, func(other *line) bool { return other == l })
		if len(l.turn) > 0 {
			q.turn = append(q.turn, l)
		}
		return p
	}
	return nil
}

// finish gives a group back whose batches have met their ends.
func (q *queue) finish(g *group) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case g.flood != nil && g.beside:
		time.AfterFunc(time.Since(g.started), q.rested)
	case g.flood != nil:
		q.floods--
	}
	for _, f := range g.files {
		f.group = nil
	}
	for _, p := range g.batches {
		q.held -= p.size
		l := q.lines[p.batch.Sender.Tenant]
		l.held, l.changes = l.held-p.size, l.changes-p.changes()
	}
	for _, p := range g.batches {
		q.forget(p.batch.Sender)
	}
	q.tell() // their agents' next batches may go
	close(q.left)
	q.left = make(chan struct{})
}

// rested lets a writer write for a flood again.
func (q *queue) rested() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.floods--
	q.tell()
}

// tell wakes whoever gathers.
func (q *queue) tell() {
	close(q.came)
	q.came = make(chan struct{})
}

// forget drops an agent that has nothing here any more, and a tenant without agents.
func (q *queue) forget(sender Sender) {
	l := q.lines[sender.Tenant]
	if l == nil {
		return // with an earlier batch of the group
	}
	if f := l.files[sender.Agent]; f != nil && f.group == nil && len(f.waiting) == 0 {
		delete(l.files, f.agent)
	}
	if len(l.files) == 0 {
		delete(q.lines, l.tenant)
	}
}

// stop refuses what comes from now on and gives what still waits.
func (q *queue) stop() []*pending {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stopped = true
	var waiting []*pending
	for _, l := range q.lines {
		for _, f := range l.files {
			waiting = append(waiting, f.waiting...)
		}
	}
	q.turn = nil
	close(q.left)
	q.left = make(chan struct{})
	return waiting
}
