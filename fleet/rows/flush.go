package rows

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

var errCollision = errors.New("two different rows share a 64-bit id")

// flushTime bounds one flush; the database's own restart is waited for inside it.
const flushTime = 2 * time.Minute

// flush writes a group of batches, at most one a stream, and tells each its end. A batch that spoils the transaction is
// found by halving the group, so that it spoils nothing for others.
func (s *Store) flush(ctx context.Context, group []*pending) {
	group = slices.DeleteFunc(group, func(p *pending) bool {
		broken := p.session.Broken()
		if broken {
			p.done(Result{}, ErrBroken)
		}
		return broken
	})
	if len(group) == 0 {
		return
	}
	stored, err := s.write(ctx, group)
	switch {
	case err == nil:
	case !spoils(err):
		s.config.Log.ErrorContext(ctx, "batches were not stored, their agents will send them again", "batches", len(group), "err", err)
		for _, p := range group {
			p.done(Result{}, err)
		}
		return
	case len(group) > 1:
		s.flush(ctx, group[:len(group)/2])
		s.flush(ctx, group[len(group)/2:])
		return
	default:
		s.config.Log.ErrorContext(ctx, "a batch cannot be stored", "agent_id", group[0].batch.Sender.AgentID, "err", err)
		group[0].result = Result{Refused: refuse(protocol.CodeInvalid, "the batch cannot be stored; its collection is asked for anew"), Resync: true}
	}
	if len(stored) > 0 && s.config.OnStored != nil {
		s.config.OnStored(stored)
	}
	for _, p := range group {
		p.done(p.result, nil)
	}
}

// spoils tells an error that is a batch's own: a value that the database cannot hold (class 22), or a collision of ids.
func spoils(err error) bool {
	var answered *pgconn.PgError
	return errors.Is(err, errCollision) || errors.As(err, &answered) && strings.HasPrefix(answered.Code, "22")
}

// write stores the group in one transaction. It is repeated once where the end of the commit is unknown: what was
// stored then shows as repeated.
func (s *Store) write(ctx context.Context, group []*pending) ([]Stored, error) {
	ctx, cancel := context.WithTimeout(ctx, flushTime)
	defer cancel()
	var tenants []int32
	for _, p := range group {
		tenants = append(tenants, p.batch.Sender.Tenant)
	}
	slices.Sort(tenants)
	tenants = slices.Compact(tenants)
	actor := access.Actor{Kind: access.KindSystem, Name: "ingest"}
	for attempt := 0; ; attempt++ {
		var f *flush
		err := s.config.DB.InTenants(ctx, tenants, actor, func(ctx context.Context, tx *postgres.Tx) error {
			f = newFlush(tx, tenants, group)
			return f.run(ctx, s.known)
		})
		if fault.CodeOf(err) == fault.Unavailable && attempt == 0 {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("store rows: %w", err)
		}
		s.known.learn(f.generations, f.fresh)
		for i, p := range group {
			p.result = f.results[i]
		}
		return f.stored, nil
	}
}

// flush is one transaction: first it reads where the agents and their collections stand, then it writes.
type flush struct {
	tx      *postgres.Tx
	tenants []int32
	group   []*pending

	generations map[int32]int64
	cursors     map[agentKey]*cursor
	streams     map[streamKey]stream
	current     map[streamKey]map[int64]int // copies of each current row: all for batches that hold the whole state, those named for other relayed ones
	headers     map[agentKey]map[int64][]byte

	results []Result
	removes changes
	fewer   bool // whether a removed row may have more copies than are removed
	adds    changes
	values  map[rowKey]value
	written []*written
	fresh   []rowKey
	stored  []Stored
}

type cursor struct {
	sequence int64
	header   []byte // SHA-256
	moved    bool
}

// stream is a row of agent_collections.
type stream struct {
	epoch, counter int64
	version        string
	shape          int32
	rows           int64
	duplicates     bool
	changedAt      time.Time
	lastBatchAt    time.Time
	status         int16
	exists         bool
}

type value struct {
	shape int32
	text  string
}

// written is a batch that changes its stream.
type written struct {
	index   int // in the group
	key     streamKey
	next    stream
	at      time.Time
	judge   bool // whether anything that a judge looks at changed
	added   []int64
	removed []int64
}

// changes are the parameters of a statement that touches agent_rows.
type changes struct {
	t, c, a []int32
	r       []int64
	n       []int32
	at      []time.Time
}

func (x *changes) put(k streamKey, row int64, n int, at time.Time) {
	x.t, x.c, x.a = append(x.t, k.tenant), append(x.c, k.collection), append(x.a, k.agent)
	x.r, x.n, x.at = append(x.r, row), append(x.n, int32(n)), append(x.at, at)
}

func newFlush(tx *postgres.Tx, tenants []int32, group []*pending) *flush {
	return &flush{
		tx: tx, tenants: tenants, group: group,
		generations: map[int32]int64{}, cursors: map[agentKey]*cursor{}, streams: map[streamKey]stream{},
		current: map[streamKey]map[int64]int{}, headers: map[agentKey]map[int64][]byte{},
		results: make([]Result, len(group)), values: map[rowKey]value{},
	}
}

func (f *flush) run(ctx context.Context, known *known) error {
	if err := f.readState(ctx); err != nil {
		return fmt.Errorf("read state: %w", err)
	}
	if err := f.readHeaders(ctx); err != nil {
		return fmt.Errorf("read headers: %w", err)
	}
	for i := range f.group {
		f.decide(i)
	}
	keys := make([]rowKey, 0, len(f.values))
	for key := range f.values {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(x, y rowKey) int { // one order for all servers, against deadlocks on the dictionary's key
		return cmp.Or(cmp.Compare(x.tenant, y.tenant), cmp.Compare(x.collection, y.collection), cmp.Compare(x.digest.id, y.digest.id))
	})
	f.fresh = known.missing(f.generations, keys)
	return f.write(ctx)
}

// readState asks in one pipeline for all that decide needs.
func (f *flush) readState(ctx context.Context) error {
	var agents []agentKey
	var streams, whole []streamKey
	var ht, ha, hc []int32
	var hr []int64
	for _, p := range f.group {
		agents = append(agents, p.agent())
		streams = append(streams, p.stream())
		if p.batch.whole() {
			whole = append(whole, p.stream())
		} else if k := p.stream(); p.batch.relayed {
			for _, named := range [][]digest{p.added, p.removed} {
				for _, d := range named {
					ht, ha, hc, hr = append(ht, k.tenant), append(ha, k.agent), append(hc, k.collection), append(hr, d.id)
				}
			}
		}
	}
	slices.SortFunc(agents, func(x, y agentKey) int { return cmp.Or(cmp.Compare(x.tenant, y.tenant), cmp.Compare(x.agent, y.agent)) })
	agents = slices.Compact(agents)
	var at, aa []int32
	for _, a := range agents {
		at, aa = append(at, a.tenant), append(aa, a.agent)
	}
	pipe := &pgx.Batch{}
	pipe.Queue(sqlLock, f.tenants, int32(postgres.Sweeping))
	var tenant int32
	var generation int64
	each(pipe.Queue(sqlGenerations, f.tenants), []any{&tenant, &generation}, func() { f.generations[tenant] = generation })
	var a agentKey
	var c cursor
	each(pipe.Queue(sqlCursors, at, aa), []any{&a.tenant, &a.agent, &c.sequence, &c.header}, func() {
		f.cursors[a] = &cursor{sequence: c.sequence, header: slices.Clone(c.header)}
	})
	var k streamKey
	var s stream
	st, sa, sc := split(streams)
	each(pipe.Queue(sqlStreams, st, sa, sc), []any{&k.tenant, &k.agent, &k.collection, &s.epoch, &s.counter, &s.version,
		&s.shape, &s.rows, &s.duplicates, &s.changedAt, &s.lastBatchAt, &s.status}, func() {
		s.exists = true
		f.streams[k] = s
	})
	var row int64
	var copies int
	hold := func() {
		if f.current[k] == nil {
			f.current[k] = map[int64]int{}
		}
		f.current[k][row] = copies
	}
	if len(whole) > 0 {
		wt, wa, wc := split(whole)
		each(pipe.Queue(sqlCurrent, wt, wa, wc), []any{&k.tenant, &k.agent, &k.collection, &row, &copies}, hold)
	}
	if len(hr) > 0 {
		each(pipe.Queue(sqlHeld, ht, ha, hc, hr), []any{&k.tenant, &k.agent, &k.collection, &row, &copies}, hold)
	}
	return f.tx.SendBatch(ctx, pipe).Close()
}

// each scans every row of a queued statement's answer into the targets and calls fn.
func each(q *pgx.QueuedQuery, targets []any, fn func()) {
	q.Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, targets, func() error { fn(); return nil })
		return err
	})
}

func split(keys []streamKey) (tenants, agents, collections []int32) {
	for _, k := range keys {
		tenants, agents, collections = append(tenants, k.tenant), append(agents, k.agent), append(collections, k.collection)
	}
	return tenants, agents, collections
}

// readHeaders finds the headers of batches that seem to be stored already, to tell a repetition from a clone.
func (f *flush) readHeaders(ctx context.Context) error {
	var t, a []int32
	var sequences []int64
	for _, p := range f.group {
		if c := f.cursors[p.agent()]; c != nil && !p.batch.relayed && p.batch.Header.Sequence < c.sequence {
			t, a, sequences = append(t, p.agent().tenant), append(a, p.agent().agent), append(sequences, p.batch.Header.Sequence)
		}
	}
	if len(sequences) == 0 {
		return nil
	}
	rows, err := f.tx.Query(ctx, sqlHeaders, t, a, sequences)
	if err != nil {
		return err
	}
	var k agentKey
	var sequence int64
	var header []byte
	_, err = pgx.ForEachRow(rows, []any{&k.tenant, &k.agent, &sequence, &header}, func() error {
		if f.headers[k] == nil {
			f.headers[k] = map[int64][]byte{}
		}
		f.headers[k][sequence] = slices.Clone(header)
		return nil
	})
	return err
}

// write sends all changes as one pipeline and checks what the database answers.
func (f *flush) write(ctx context.Context) error {
	pipe := &pgx.Batch{}
	var vt, vc, vs []int32
	var vr, vk []int64
	var vv []string
	for _, key := range f.fresh {
		v := f.values[key]
		vt, vc, vs = append(vt, key.tenant), append(vc, key.collection), append(vs, v.shape)
		vr, vk, vv = append(vr, key.digest.id), append(vk, key.digest.check), append(vv, v.text)
	}
	var inserted int64
	if len(f.fresh) > 0 {
		pipe.Queue(sqlValues, vt, vc, vr, vk, vs, vv).Exec(func(t pgconn.CommandTag) error { inserted = t.RowsAffected(); return nil })
	}
	hits := map[streamKey]int64{}
	var k streamKey
	var n int64
	if len(f.removes.r) > 0 {
		x := &f.removes
		each(pipe.Queue(sqlRemove, x.t, x.c, x.a, x.r, x.n, x.at), []any{&k.tenant, &k.agent, &k.collection, &n}, func() { hits[k] += n })
		if f.fewer {
			each(pipe.Queue(sqlFewer, x.t, x.c, x.a, x.r, x.n), []any{&k.tenant, &k.agent, &k.collection, &n}, func() { hits[k] += n })
		}
	}
	twice := map[streamKey]bool{}
	if len(f.adds.r) > 0 {
		x := &f.adds
		each(pipe.Queue(sqlAdd, x.t, x.c, x.a, x.r, x.n, x.at), []any{&k.tenant, &k.agent, &k.collection}, func() { twice[k] = true })
	}
	f.queueCursors(pipe)
	f.queueStreams(pipe)
	if pipe.Len() == 0 {
		return nil
	}
	if err := f.tx.SendBatch(ctx, pipe).Close(); err != nil {
		return err
	}
	if inserted != int64(len(f.fresh)) { // some were there: surely the same rows?
		var collisions int
		if err := f.tx.QueryRow(ctx, sqlCollisions, vt, vc, vr, vk).Scan(&collisions); err != nil {
			return fmt.Errorf("look for collisions: %w", err)
		}
		if collisions > 0 {
			return errCollision
		}
	}
	return f.settle(ctx, hits, twice)
}

func (f *flush) queueCursors(pipe *pgx.Batch) {
	var t, a []int32
	var last []int64
	var headers [][]byte
	for k, c := range f.cursors {
		if c.moved {
			t, a, last, headers = append(t, k.tenant), append(a, k.agent), append(last, c.sequence), append(headers, c.header)
		}
	}
	if len(t) > 0 {
		pipe.Queue(sqlMoveCursors, t, a, last, headers)
	}
}

func (f *flush) queueStreams(pipe *pgx.Batch) {
	if len(f.written) == 0 {
		return
	}
	slices.SortFunc(f.written, func(x, y *written) int {
		return cmp.Or(cmp.Compare(x.key.tenant, y.key.tenant), cmp.Compare(x.key.agent, y.key.agent), cmp.Compare(x.key.collection, y.key.collection))
	})
	var s struct {
		t, a, c, shape                             []int32
		epoch, counter, rows, duration, cpu, sizes []int64
		version, mode, log                         []string
		duplicates                                 []bool
		changed, last, told                        []time.Time
		status                                     []int16
	}
	var b struct {
		t, a, c                   []int32
		sequence                  []int64
		at                        []time.Time
		header, signature, leaves [][]byte
	}
	var j struct {
		t, a, c []int32
		at      []time.Time
	}
	for _, w := range f.written {
		batch, h, k := f.group[w.index].batch, &f.group[w.index].batch.Header, w.key
		s.t, s.a, s.c, s.shape = append(s.t, k.tenant), append(s.a, k.agent), append(s.c, k.collection), append(s.shape, w.next.shape)
		s.epoch, s.counter, s.rows = append(s.epoch, w.next.epoch), append(s.counter, w.next.counter), append(s.rows, w.next.rows)
		s.version, s.mode, s.log = append(s.version, w.next.version), append(s.mode, string(h.Mode)), append(s.log, h.Execution.Log)
		s.duplicates, s.status = append(s.duplicates, w.next.duplicates), append(s.status, w.next.status)
		s.changed, s.last, s.told = append(s.changed, w.next.changedAt), append(s.last, w.at), append(s.told, h.Timestamp)
		s.duration, s.cpu, s.sizes = append(s.duration, h.Execution.DurationMS), append(s.cpu, h.Execution.CPUMillis), append(s.sizes, h.Execution.Bytes)
		if len(w.added) > 0 && !batch.relayed { // what nobody signed is no evidence
			b.t, b.a, b.c = append(b.t, k.tenant), append(b.a, k.agent), append(b.c, k.collection)
			b.sequence, b.at = append(b.sequence, h.Sequence), append(b.at, w.at)
			b.header, b.signature, b.leaves = append(b.header, batch.Signed.Payload), append(b.signature, batch.Signed.Signature), append(b.leaves, batch.leaves)
		}
		if w.judge {
			j.t, j.a, j.c, j.at = append(j.t, k.tenant), append(j.a, k.agent), append(j.c, k.collection), append(j.at, w.at)
			f.stored = append(f.stored, Stored{Tenant: k.tenant, Agent: k.agent, Collection: k.collection, Name: h.Collection, Added: w.added, Removed: w.removed, At: w.at})
		}
	}
	pipe.Queue(sqlPutStreams, s.t, s.a, s.c, s.epoch, s.counter, s.version, s.mode, s.shape, s.rows, s.duplicates,
		s.changed, s.last, s.told, s.status, s.log, s.duration, s.cpu, s.sizes)
	if len(b.t) > 0 {
		pipe.Queue(sqlPutBatches, b.t, b.a, b.sequence, b.c, b.at, b.header, b.signature, b.leaves)
	}
	if len(j.t) > 0 {
		pipe.Queue(sqlPutPending, j.t, j.a, j.c, j.at)
	}
}

// settle compares what was removed with what should have been: a row that was not there means that the agent's state is
// another than ours, which only its whole state cures.
func (f *flush) settle(ctx context.Context, hits map[streamKey]int64, twice map[streamKey]bool) error {
	var disagree, duplicates []streamKey
	for _, w := range f.written {
		if hits[w.key] != int64(len(w.removed)) {
			f.results[w.index].Resync = true
			disagree = append(disagree, w.key)
		}
		if twice[w.key] && !w.next.duplicates {
			duplicates = append(duplicates, w.key)
		}
	}
	if len(disagree) > 0 {
		t, a, c := split(disagree)
		if _, err := f.tx.Exec(ctx, sqlDisagree, t, a, c); err != nil {
			return fmt.Errorf("note that collections disagree: %w", err)
		}
	}
	if len(duplicates) > 0 {
		t, a, c := split(duplicates)
		if _, err := f.tx.Exec(ctx, sqlMarkDuplicates, t, a, c); err != nil {
			return fmt.Errorf("note that rows have copies: %w", err)
		}
	}
	return nil
}
