package rows

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// ErrBusy tells that the store has as much to write as it may hold: the agent should send the batch again later.
var ErrBusy = errors.New("the store is busy")

// ErrBroken tells that an earlier batch of the session was not stored. Storing this one would make that one look stored.
var ErrBroken = errors.New("an earlier batch of the session was not stored")

// errStopped is the end of batches that were not written when the store stopped. Agents send them again.
var errStopped = errors.New("the store has stopped")

// Config sets up a Store. Zero values are replaced by the defaults named.
type Config struct {
	DB         *postgres.DB
	Writers    int            // transactions in flight, of which one is never a flooding tenant's; 3
	MaxRows    int            // a flush is written when it holds so many changes; 20,000
	MaxBatches int            // … or so many batches; 512
	MaxDelay   time.Duration  // … or its oldest batch waited so long; 20 ms
	MaxBytes   int64          // of batches that wait or are being written, of one tenant at most half; 32 MiB
	Patience   time.Duration  // how long a batch waits for room; 2 s
	KnownRows  int            // rows remembered as being in the dictionary, about 60 bytes each; 500,000
	OnStored   func([]Stored) // told after each commit, on the writer's goroutine; may be nil
	Log        *slog.Logger
}

// Store writes batches. Safe for concurrent use.
type Store struct {
	config  Config
	catalog *catalog
	known   *known
	queue   *queue
	turn    chan struct{} // holds one while a writer gathers
	stopped chan struct{}
	stop    sync.Once
}

// Session is one run of an agent's batches in the order of their sequences: a connection, or one request. Its first batch
// that cannot be stored for now ends it: what follows is given back unstored, and the agent sends all of it again in a new
// session. Otherwise the cursor would pass the batch that failed.
type Session struct{ broken atomic.Bool }

// Broken tells whether the session has ended.
func (s *Session) Broken() bool { return s.broken.Load() }

// pending is a batch on its way into the database.
type pending struct {
	session *Session
	batch   *Batch
	entry   entry
	added   []digest
	removed []digest
	size    int64 // bytes that it holds, about
	done    func(Result, error)
	result  Result
}

type agentKey struct{ tenant, agent int32 }

type streamKey struct{ tenant, agent, collection int32 }

func (p *pending) agent() agentKey { return agentKey{p.batch.Sender.Tenant, p.batch.Sender.Agent} }

func (p *pending) stream() streamKey {
	return streamKey{p.batch.Sender.Tenant, p.batch.Sender.Agent, p.entry.collection}
}

func (p *pending) changes() int { return len(p.added) + len(p.removed) }

// NewStore makes a store. It writes while Run runs.
func NewStore(config Config) *Store {
	config.Writers = or(config.Writers, 3)
	config.MaxRows = or(config.MaxRows, 20_000)
	config.MaxBatches = or(config.MaxBatches, 512)
	config.MaxDelay = or(config.MaxDelay, 20*time.Millisecond)
	config.MaxBytes = or(config.MaxBytes, 32<<20)
	config.Patience = or(config.Patience, 2*time.Second)
	config.KnownRows = or(config.KnownRows, 500_000)
	config.Log = or(config.Log, slog.New(slog.DiscardHandler))
	return &Store{config: config, catalog: newCatalog(config.DB), known: newKnown(config.KnownRows), queue: newQueue(config),
		turn: make(chan struct{}, 1), stopped: make(chan struct{})}
}

func or[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// Submit hands over a batch. done is called once it is committed or refused for good, or with an error when it must be sent
// again in a new session; it runs on a writer's goroutine and must not block. When Submit returns an error, done is never
// called.
//
// One agent's batches must be submitted one after the other, in their order: they are written in that order.
func (s *Store) Submit(ctx context.Context, session *Session, b *Batch, done func(Result, error)) error {
	err := s.submit(ctx, session, b, done)
	if err != nil {
		session.broken.Store(true)
	}
	return err
}

func (s *Store) submit(ctx context.Context, session *Session, b *Batch, done func(Result, error)) error {
	if session.Broken() {
		return ErrBroken
	}
	e, err := s.catalog.find(ctx, b)
	if err != nil {
		return err
	}
	if e.collection == 0 {
		done(Result{Refused: refuse(protocol.CodeInvalid, "collection %q is in no configuration of this tenant", b.Header.Collection)}, nil)
		return nil
	}
	p := &pending{session: session, batch: b, entry: e, size: int64(b.bytes) + batchOverhead, added: make([]digest, len(b.Added)), removed: make([]digest, len(b.Removed))}
	p.done = func(r Result, err error) {
		if err != nil {
			session.broken.Store(true)
		}
		done(r, err)
	}
	d := newDigester(e.secret, e.collection)
	for i := range b.Added {
		p.added[i] = d.of(b.Added[i].Hash)
	}
	for i, hash := range b.Removed {
		p.removed[i] = d.of(hash)
	}
	return s.queue.put(ctx, p)
}

// Put is Submit that waits for the end.
func (s *Store) Put(ctx context.Context, session *Session, b *Batch) (Result, error) {
	type end struct {
		result Result
		err    error
	}
	ended := make(chan end, 1)
	if err := s.Submit(ctx, session, b, func(r Result, err error) { ended <- end{r, err} }); err != nil {
		return Result{}, err
	}
	select {
	case e := <-ended: // a batch that was taken is stored or refused, whatever becomes of the caller
		return e.result, e.err
	case <-s.stopped:
		select {
		case e := <-ended:
			return e.result, e.err
		default:
			return Result{}, errStopped
		}
	}
}

// Run writes batches until ctx ends. A store runs once.
func (s *Store) Run(ctx context.Context) error {
	defer s.stop.Do(func() { close(s.stopped) })
	group, ctx := errgroup.WithContext(ctx)
	for range s.config.Writers {
		group.Go(func() error { return s.writer(ctx) })
	}
	err := group.Wait()
	for _, p := range s.queue.stop() {
		p.done(Result{}, errStopped)
	}
	return err
}

// writer turns what waits into flushes.
func (s *Store) writer(ctx context.Context) error {
	for {
		s.turn <- struct{}{}
		g := s.queue.gather(ctx)
		<-s.turn
		if len(g.batches) > 0 {
			s.flush(context.WithoutCancel(ctx), slices.Clone(g.batches))
		}
		s.queue.finish(g)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// net gives how many times each row is added or, negative, removed.
func (p *pending) net() map[digest]int {
	net := make(map[digest]int, len(p.added)+len(p.removed))
	for _, d := range p.added {
		net[d]++
	}
	for _, d := range p.removed {
		net[d]--
	}
	return net
}
