package engine

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/tenantra/tenantra/tables"
)

// Analysis is what a text would do.
type Analysis struct {
	Columns   []string   // of its first statement's result
	Reads     []TableRef // sorted by table name
	Functions []string   // in lower case, sorted; LIKE and GLOB are functions too
}

// TableRef is a table that a statement reads, and the columns of it.
type TableRef struct {
	Table   *tables.Table
	Columns []string // sorted, by their canonical names; empty for count(*) and EXISTS
}

// Class is the highest privacy class among the columns read.
func (r TableRef) Class() tables.Class {
	var highest tables.Class
	for _, name := range r.Columns {
		highest = max(highest, r.Table.Columns()[r.Table.Column(name)].Class)
	}
	return highest
}

// checkTime bounds a Check, waiting for its turn included.
const checkTime = 10 * time.Second

// Check compiles a text without running it, and tells what it would do. It works for the tables of any platform. Its
// error is a *SQLError, but for a closed engine. It never waits for statements that run.
func (e *Engine) Check(sql string) (*Analysis, error) {
	ctx, cancel := withTime(context.Background(), checkTime)
	defer cancel()
	c, err := e.checks.take(ctx)
	if err != nil {
		return nil, err
	}
	sound := false
	defer func() { e.checks.give(c, sound) }()
	a, err := c.check(ctx, sql)
	sound = true
	return a, err
}

func (c *conn) check(ctx context.Context, sql string) (*Analysis, error) {
	r := newRun(ctx, LiveLimits, nil)
	c.begin(r)
	defer c.end(r)
	statements, found, err := c.compile(sql)
	defer c.finalize(statements)
	if err != nil {
		return nil, c.explain(err)
	}
	return &Analysis{
		Columns:   c.columnsOf(statements[0]),
		Reads:     found.refs(),
		Functions: slices.Sorted(maps.Keys(found.functions)),
	}, nil
}
