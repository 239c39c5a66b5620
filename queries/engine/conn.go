package engine

import (
	"context"
	"fmt"
	"hash/maphash"
	"log/slog"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"

	"github.com/tenantra/tenantra/tables"
)

// conn is one SQLite connection. One goroutine uses it at a time.
type conn struct {
	*heap
	catalog *catalog
	host    tables.Host
	scanned tables.Platforms // the host's system
	here    bool             // the engine's platform is the scanned one
	windows bool             // it is Windows: paths and escapes are written so
	db      uintptr
	out     uintptr // where SQLite puts pointers that it returns
	scratch buffer  // what functions return is copied here, off the Go heap, before SQLite copies it

	keys    keys
	plans   []plan // of the statements being run
	cursors []*cursor
	idle    []int32 // places of cursors that are free

	known    bitset // modules that SQLite knows, by their place
	callable bitset // functions likewise

	regexes  regexCache
	like     *likePattern // of the last call
	glob     *likePattern
	reading  *reading // set while a statement is compiled
	required string   // the last table that refused a plan for the lack of a required constraint

	seeds [2]maphash.Seed // of row identities
	run   *run            // nil between statements
}

// conns finds a connection from what SQLite hands to a callback: the place of its heap. Written when a connection opens
// and closes, read by the goroutine that uses it.
var conns [len(heaps)]*conn

func openConn(e *Engine) (c *conn, err error) {
	h, err := newHeap()
	if err != nil {
		return nil, err
	}
	c = &conn{heap: h, catalog: e.catalog.Load(), host: e.options.Host, scanned: e.scanned, here: e.options.Platform&e.scanned != 0, windows: e.options.Platform&tables.Windows != 0}
	c.out = h.alloc(64)
	name, err := libc.CString(":memory:")
	if err != nil {
		return nil, fmt.Errorf("engine: open: %w", err)
	}
	defer libc.Xfree(c.tls, name)
	// NOMUTEX: one goroutine uses the connection at a time; the mutex would cost more than the work (2.4 times on SELECT *).
	const flags = lib.SQLITE_OPEN_READWRITE | lib.SQLITE_OPEN_CREATE | lib.SQLITE_OPEN_MEMORY | lib.SQLITE_OPEN_NOMUTEX
	rc := lib.Xsqlite3_open_v2(c.tls, name, c.out, flags, 0)
	c.db = *at[uintptr](c.out)
	conns[c.slot()] = c
	defer func() {
		if err != nil {
			c.close()
		}
	}()
	if rc != lib.SQLITE_OK {
		return nil, fmt.Errorf("engine: open: code %d", rc)
	}
	if err := c.harden(); err != nil {
		return nil, err
	}
	if err := c.register(); err != nil {
		return nil, err
	}
	lib.Xsqlite3_set_authorizer(c.tls, c.db, fn(xAuthorize), uintptr(c.slot()))
	lib.Xsqlite3_progress_handler(c.tls, c.db, progressSteps, fn(xProgress), uintptr(c.slot()))
	return c, nil
}

// progressSteps is how many steps of SQLite's machine pass between two looks at the signal: some µs, but up to a second
// where each step makes a value of 8 MiB.
const progressSteps = 100

// harden sets the limits of SECURITY-MODEL 2.11 and closes what could reach beyond the statement.
func (c *conn) harden() error {
	for _, option := range []struct{ what, value int32 }{
		{lib.SQLITE_DBCONFIG_DEFENSIVE, 1},
		{lib.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
		{lib.SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
		{lib.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
		{lib.SQLITE_DBCONFIG_ENABLE_VIEW, 0},
		{lib.SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
	} {
		args := libc.NewVaList(option.value, uintptr(0))
		rc := lib.Xsqlite3_db_config(c.tls, c.db, option.what, args)
		libc.Xfree(c.tls, args)
		if rc != lib.SQLITE_OK {
			return c.openError("configure", rc)
		}
	}
	for _, limit := range []struct{ what, value int32 }{
		{lib.SQLITE_LIMIT_LENGTH, maxValue},
		{lib.SQLITE_LIMIT_SQL_LENGTH, maxSQL},
		{lib.SQLITE_LIMIT_COLUMN, maxColumns},
		{lib.SQLITE_LIMIT_EXPR_DEPTH, 200},
		{lib.SQLITE_LIMIT_COMPOUND_SELECT, 50},
		{lib.SQLITE_LIMIT_VDBE_OP, 250_000},
		{lib.SQLITE_LIMIT_FUNCTION_ARG, 127},
		{lib.SQLITE_LIMIT_ATTACHED, 0},
		{lib.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, maxPattern},
		{lib.SQLITE_LIMIT_TRIGGER_DEPTH, 1},
		{lib.SQLITE_LIMIT_WORKER_THREADS, 0},
	} {
		lib.Xsqlite3_limit(c.tls, c.db, limit.what, limit.value)
	}
	// Sorting and grouping stay in memory, where the heap limit counts them; the engine touches no file.
	return c.exec("PRAGMA temp_store = MEMORY")
}

// register forgets the modules that SQLite was built with, and makes known what no word of a statement introduces.
func (c *conn) register() error {
	none := libc.Xcalloc(c.tls, 1, 8)
	defer libc.Xfree(c.tls, none)
	if rc := lib.Xsqlite3_drop_modules(c.tls, c.db, none); rc != lib.SQLITE_OK {
		return c.openError("drop modules", rc)
	}
	if err := c.registerOddNames(); err != nil {
		return err
	}
	return c.registerCollations()
}

func (c *conn) openError(what string, rc int32) error {
	return fmt.Errorf("engine: open: %s: code %d: %s", what, rc, c.message())
}

// message is SQLite's text of the last error.
func (c *conn) message() string { return libc.GoString(lib.Xsqlite3_errmsg(c.tls, c.db)) }

// exec runs constant SQL of the engine's own.
func (c *conn) exec(sql string) error {
	text, err := libc.CString(sql)
	if err != nil {
		return err
	}
	defer libc.Xfree(c.tls, text)
	if rc := lib.Xsqlite3_exec(c.tls, c.db, text, 0, 0, 0); rc != lib.SQLITE_OK {
		return c.openError(sql, rc)
	}
	return nil
}

func (c *conn) close() {
	lib.Xsqlite3_close_v2(c.tls, c.db)
	conns[c.slot()] = nil
	c.scratch.release(c.heap)
	c.free(c.out)
	c.heap.close()
}

// xProgress is called every progressSteps; a result that is not 0 interrupts the statement.
func xProgress(_ *libc.TLS, slot uintptr) int32 {
	if conns[slot].interrupted() != nil {
		return 1
	}
	return 0
}

// interrupted gives the reason for which the running statement must end, or nil.
func (c *conn) interrupted() error {
	if c.run == nil { // a connection being opened, or a check
		return nil
	}
	switch c.run.signal.Load() {
	case signalNone:
		if c.heap.exceeded { // some aggregates only note that, and go on
			return c.outOfMemory()
		}
		return nil
	case signalCheck:
		return c.run.checkCPU()
	default:
		return context.Cause(c.run.ctx)
	}
}

// ending is interrupted for the moment when an error came: the context may have ended before its signal arrived.
func (c *conn) ending() error {
	if err := c.interrupted(); err != nil {
		return err
	}
	if c.run != nil && c.run.ctx.Err() != nil {
		return context.Cause(c.run.ctx)
	}
	return nil
}

// buffer is off-heap memory that grows.
type buffer struct {
	p    uintptr
	size int
}

// hold copies text to the buffer and gives its address, or 0 where the heap limit is reached.
func (b *buffer) hold(h *heap, text string) uintptr {
	if b.size < len(text) || b.p == 0 {
		b.release(h)
		size := max(256, len(text)*5/4)
		if b.p = h.alloc(size); b.p == 0 {
			return 0
		}
		b.size = size
	}
	copy(unsafe.Slice(at[byte](b.p), b.size), text)
	return b.p
}

// shrink gives a large buffer back between statements.
func (b *buffer) shrink(h *heap) {
	if b.size > 64<<10 {
		b.release(h)
	}
}

func (b *buffer) release(h *heap) {
	h.free(b.p)
	*b = buffer{}
}

func (c *conn) log() *slog.Logger {
	if c.host == nil {
		return slog.New(slog.DiscardHandler)
	}
	return c.host.Log()
}
