package engine

import (
	"sync/atomic"
	"time"

	"github.com/tenantra/tenantra/tables"
)

// Options of an Engine.
type Options struct {
	// Tables lists every table that a statement may name. Those of other platforms are known, so that an error can say
	// where they exist, but cannot be read.
	Tables []*tables.Table
	// Host is what generators read. It may be nil for an engine that only checks statements, or whose tables need none.
	Host tables.Host
	// Platform is the one whose tables exist and whose extended columns are visible. 0 means the host's. An engine of
	// another platform checks statements; a table that has no generator for the host's system cannot be read.
	Platform tables.Platforms
	// Pool is how many statements run at once; further ones wait. 0 means 4.
	Pool int
}

// Statement is one text to run.
type Statement struct {
	// SQL may hold several statements, which run in turn. All must give columns of the same names.
	SQL string
	// Limits end the statement. The zero value means LiveLimits; use NoLimits for none.
	Limits Limits
	// Allow, where set, is asked once for each table that the text reads, before anything runs. Its error refuses the
	// text and is returned as it is.
	Allow func(TableRef) error
}

// Sink receives the rows of a statement while it runs.
type Sink interface {
	// Columns comes once, before the first row, and also where no row follows.
	Columns(names []string) error
	// Row comes once a row. The row and all views of it are valid until it returns. Its error ends the statement and is
	// returned by Query as it is.
	Row(r *Row) error
}

// Stats tells what a statement cost. They are also returned with an error, for what was done until then.
type Stats struct {
	Rows, Bytes int64 // that reached the sink
	Wall, CPU   time.Duration
	Tables      []TableStats // sorted by name; only tables that were read
}

// TableStats tells what one table cost a statement.
type TableStats struct {
	Name  string
	Calls int64         // of the generator
	Rows  int64         // that it emitted
	Wall  time.Duration // in the generator; estimated from a sixteenth of the calls after the first 256
}

// Engine runs statements over a set of tables. It is safe for concurrent use.
type Engine struct {
	options Options
	catalog atomic.Pointer[catalog]
	scanned tables.Platforms // the host's system, or this build's without a host
	pool    *pool
	checks  *pool // apart, so that a check waits for no statement
}

// New makes an engine. It fails for two tables of one name, and where a database was opened before the package could
// bring SQLite's memory under its limits.
func New(o Options) (*Engine, error) {
	if counted != nil {
		return nil, counted
	}
	scanned := tables.BuildPlatform()
	if o.Host != nil {
		scanned = o.Host.Platform()
	}
	if o.Platform == 0 {
		o.Platform = scanned
	}
	if o.Pool <= 0 {
		o.Pool = 4
	}
	known, err := newCatalog(o.Tables, o.Platform)
	if err != nil {
		return nil, err
	}
	e := &Engine{options: o, scanned: scanned}
	e.catalog.Store(known)
	open := func() (*conn, error) { return openConn(e) }
	current := func(c *conn) bool { return c.catalog == e.catalog.Load() }
	e.pool, e.checks = newPool(o.Pool, open, current), newPool(1, open, current)
	return e, nil
}

// SetTables replaces the tables that statements may name. Statements that run keep those that they began with; the next
// ones open connections anew. It fails, and changes nothing, for two tables of one name.
func (e *Engine) SetTables(list []*tables.Table) error {
	known, err := newCatalog(list, e.options.Platform)
	if err != nil {
		return err
	}
	e.catalog.Store(known)
	e.checks.drop()
	e.pool.drop()
	return nil
}

// Close waits for the statements that run, and frees all connections.
func (e *Engine) Close() error {
	e.checks.close()
	e.pool.close()
	return nil
}
