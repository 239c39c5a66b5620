package engine

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"

	"github.com/tenantra/tenantra/tables"
)

// run is one text being answered.
type run struct {
	ctx    context.Context
	limits Limits
	sink   Sink
	row    Row
	cache  *tables.Cache
	stats  Stats
	tables map[*declared]*TableStats

	started  time.Time
	cpuStart time.Duration
	cpuClock bool
	cpuTimer *time.Timer

	failure error        // the first error of a table or function, as it was returned
	signal  atomic.Int32 // what other goroutines tell the statement
}

// The signals.
const (
	signalNone   = iota
	signalCheck  // look at the CPU clock
	signalCancel // the context has ended
)

func newRun(ctx context.Context, limits Limits, sink Sink) *run {
	return &run{
		ctx: ctx, limits: limits, sink: sink, cache: tables.NewCache(),
		tables: map[*declared]*TableStats{}, started: time.Now(),
	}
}

// answer runs the text on the connection. The caller has locked the OS thread.
func (c *conn) answer(ctx context.Context, s *Statement, limits Limits, sink Sink) (*Stats, error) {
	r := newRun(ctx, limits, sink)
	defer context.AfterFunc(ctx, func() { r.signal.Store(signalCancel) })()
	c.begin(r)
	defer c.end(r)

	statements, found, err := c.compile(s.SQL)
	defer c.finalize(statements)
	if err != nil {
		return r.finish(), c.explain(err)
	}
	if s.Allow != nil {
		for _, ref := range found.refs() {
			if err := s.Allow(ref); err != nil {
				return r.finish(), err
			}
		}
	}
	for i, statement := range statements {
		if err := c.step(r, statement, i == 0); err != nil {
			return r.finish(), c.explain(err)
		}
	}
	return r.finish(), nil
}

// begin readies the connection: the heap is bounded from what it holds now.
func (c *conn) begin(r *run) {
	c.run, c.plans, c.required = r, c.plans[:0], ""
	c.heap.exceeded, c.heap.limit = false, 0
	if r.limits.Heap > 0 {
		c.heap.limit = c.heap.used + r.limits.Heap
	}
	r.cpuStart, r.cpuClock = threadCPU()
	if limit := r.limits.CPU; limit > 0 {
		r.cpuTimer = time.AfterFunc(limit, func() { r.signal.CompareAndSwap(signalNone, signalCheck) })
	}
}

func (c *conn) end(r *run) {
	if r.cpuTimer != nil {
		r.cpuTimer.Stop()
	}
	r.cache.End()
	c.heap.limit = 0
	c.regexes.trim()
	c.scratch.shrink(c.heap)
	c.run = nil
}

func (r *run) finish() *Stats {
	r.stats.Wall = time.Since(r.started)
	r.stats.CPU = r.cpu()
	for _, d := range slices.SortedFunc(maps.Keys(r.tables), func(a, b *declared) int { return strings.Compare(a.table.Name, b.table.Name) }) {
		r.stats.Tables = append(r.stats.Tables, *r.tables[d])
	}
	return &r.stats
}

// cpu is what the run has used so far: thread time or, without a thread clock, wall time.
func (r *run) cpu() time.Duration {
	if now, ok := threadCPU(); ok && r.cpuClock {
		return now - r.cpuStart
	}
	return time.Since(r.started)
}

// checkCPU runs on the statement's thread when a timer found that the CPU limit may be reached.
func (r *run) checkCPU() error {
	used := r.cpu()
	if used >= r.limits.CPU {
		return cpuLimit(r.limits.CPU)
	}
	if r.signal.CompareAndSwap(signalCheck, signalNone) {
		r.cpuTimer.Reset(max(r.limits.CPU-used, time.Millisecond))
	}
	return nil
}

// statsOf gives the counters of a table.
func (r *run) statsOf(d *declared) *TableStats {
	s := r.tables[d]
	if s == nil {
		s = &TableStats{Name: d.table.Name}
		r.tables[d] = s
	}
	return s
}

// compile prepares every statement of the text, so that what any of them may not do refuses the text before anything ran.
func (c *conn) compile(sql string) (statements []uintptr, found *reading, err error) {
	found = &reading{conn: c, tables: map[*declared]map[string]bool{}, functions: map[string]bool{}}
	if len(sql) > maxSQL {
		return nil, found, &SQLError{Message: "the text is longer than " + size(maxSQL), Code: CodeTooBig, Offset: -1}
	}
	if i := strings.IndexByte(sql, 0); i >= 0 {
		return nil, found, c.positioned("the text has a NUL character", CodeSyntax, sql, i)
	}
	if err := c.introduce(sql); err != nil {
		return nil, found, err
	}
	text, err := libc.CString(sql)
	if err != nil {
		return nil, found, err
	}
	defer libc.Xfree(c.tls, text)
	c.reading = found
	defer func() { c.reading = nil }()
	for offset := 0; offset < len(sql); {
		found.refusal = ""
		rc := lib.Xsqlite3_prepare_v3(c.tls, c.db, text+uintptr(offset), int32(len(sql)-offset+1), 0, c.out, c.out+8)
		if rc != lib.SQLITE_OK {
			return statements, found, c.compileError(rc, sql, offset)
		}
		statement := *at[uintptr](c.out)
		next := int(*at[uintptr](c.out + 8) - text)
		if statement == 0 { // a comment or white space
			offset = next
			continue
		}
		statements = append(statements, statement)
		// What the authorizer is not asked about: VACUUM, and REINDEX where there is nothing to do.
		if lib.Xsqlite3_stmt_readonly(c.tls, statement) == 0 || lib.Xsqlite3_column_count(c.tls, statement) == 0 {
			return statements, found, c.positioned("only SELECT statements can be run", CodeNotAllowed, sql, offset)
		}
		if len(statements) > maxStatements {
			return statements, found, c.positioned("the text has more than "+thousands(maxStatements)+" statements", CodeTooBig, sql, offset)
		}
		offset = next
	}
	if len(statements) == 0 {
		return nil, found, &SQLError{Message: "the text has no statement", Code: CodeSyntax, Offset: -1}
	}
	return statements, found, nil
}

func (c *conn) finalize(statements []uintptr) {
	for _, statement := range statements {
		lib.Xsqlite3_finalize(c.tls, statement)
	}
}

// columnsOf gives the names of a statement's result.
func (c *conn) columnsOf(statement uintptr) []string {
	names := make([]string, lib.Xsqlite3_column_count(c.tls, statement))
	for i := range names {
		names[i] = libc.GoString(lib.Xsqlite3_column_name(c.tls, statement, int32(i)))
	}
	return names
}

var errColumnsDiffer = errors.New("the statements of one text must give the same columns")

// step runs one statement to its end.
func (c *conn) step(r *run, statement uintptr, first bool) error {
	names := c.columnsOf(statement)
	if first {
		r.row = Row{tls: c.tls, names: names, n: len(names)}
		if err := r.sink.Columns(names); err != nil {
			return sinkError{err}
		}
	} else if !slices.Equal(names, r.row.names) {
		return &SQLError{Message: errColumnsDiffer.Error(), Code: CodeRun, Offset: -1}
	}
	r.row.stmt = statement
	for {
		// The look before each step ends a statement that yields a row every few steps, and so rarely reaches xProgress.
		if err := c.interrupted(); err != nil {
			return err
		}
		switch rc := lib.Xsqlite3_step(c.tls, statement); rc {
		case lib.SQLITE_ROW:
			if err := c.deliver(r); err != nil {
				return err
			}
		case lib.SQLITE_DONE:
			return nil
		default:
			return c.stepError(r, rc)
		}
	}
}

// deliver counts a row and gives it to the sink.
func (c *conn) deliver(r *run) error {
	r.row.cells = lib.Xsqlite3_column_value(c.tls, r.row.stmt, 0)
	if r.limits.Rows > 0 && r.stats.Rows >= r.limits.Rows {
		return rowLimit(r.limits.Rows)
	}
	bytes := r.row.bytes()
	if r.limits.Bytes > 0 && r.stats.Bytes+bytes > r.limits.Bytes {
		return byteLimit(r.limits.Bytes)
	}
	if err := r.sink.Row(&r.row); err != nil {
		return sinkError{err}
	}
	r.stats.Rows++
	r.stats.Bytes += bytes
	return nil
}

// sinkError carries what a sink returned past the engine's own errors.
type sinkError struct{ error }

// Query runs a text and gives its rows to sink. Errors: *SQLError, *LimitError, the context's error, or what the sink
// or Allow returned. What a generator or function returned is found below an *SQLError by errors.Is.
func (e *Engine) Query(ctx context.Context, s Statement, sink Sink) (*Stats, error) {
	limits := s.Limits
	if limits == (Limits{}) {
		limits = LiveLimits
	}
	started := time.Now()
	ctx, cancel := withTime(ctx, limits.Time)
	defer cancel()
	c, err := e.pool.take(ctx)
	if err != nil {
		return &Stats{Wall: time.Since(started)}, err
	}
	// The thread's CPU clock measures the statement only while it stays on one thread. Generators run as coroutines on
	// the same thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	sound := false
	defer func() { e.pool.give(c, sound) }()
	stats, err := c.answer(ctx, &s, limits, sink)
	sound = true
	stats.Wall = time.Since(started)
	return stats, err
}
