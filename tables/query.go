package tables

import (
	"fmt"
	"slices"
	"strconv"
)

// Op is the comparison of a constraint.
type Op uint8

// The comparisons that reach a generator. An IN list is an Equal of several values.
const (
	OpEqual Op = iota
	OpLike
	OpGlob
	OpLess
	OpLessEqual
	OpGreater
	OpGreaterEqual
)

// Constraint compares one column with a constant, or with the distinct constants of an IN list.
type Constraint struct {
	Column int
	Op     Op
	Values []string
}

// Query is what a statement asks of a table at one point of its execution. The engine makes it; NewQuery serves tests.
type Query struct {
	table       *Table
	constraints []Constraint
	wanted      []bool
	limit       int64
	cache       *Cache
}

// NewQuery makes a query. A nil wanted means all columns; a negative limit means none; a nil cache is an empty one.
func NewQuery(table *Table, constraints []Constraint, wanted []bool, limit int64, cache *Cache) *Query {
	if cache == nil {
		cache = &Cache{}
	}
	return &Query{table: table, constraints: constraints, wanted: wanted, limit: limit, cache: cache}
}

// Equal gives the constants of = and IN on a column, without duplicates and in the order given; nil where the column is
// not constrained so. The slice is valid until the generator returns and must not be changed.
func (q *Query) Equal(column string) []string { return q.values(column, OpEqual) }

// EqualInt gives the integer constants of = and IN on a column. Constants that are no integers are left out, since no
// integer equals them; constrained tells such an empty list from no constraint.
func (q *Query) EqualInt(column string) (values []int64, constrained bool) {
	texts := q.Equal(column)
	for _, text := range texts {
		if v, err := strconv.ParseInt(text, 10, 64); err == nil {
			values = append(values, v)
		} else if f, err := strconv.ParseFloat(text, 64); err == nil && f == float64(int64(f)) {
			values = append(values, int64(f))
		}
	}
	return values, texts != nil
}

// Like gives the patterns of LIKE on a column; nil where there is none. A row must match all of them.
func (q *Query) Like(column string) []string { return q.values(column, OpLike) }

// Bound is one end of a range.
type Bound struct {
	Value     string
	Inclusive bool
	Set       bool
}

// Range gives the bounds of < <= > >= on a column.
func (q *Query) Range(column string) (low, high Bound) {
	i := q.column(column)
	for _, c := range q.constraints {
		if c.Column != i {
			continue
		}
		switch c.Op {
		case OpGreater, OpGreaterEqual:
			low = Bound{c.Values[0], c.Op == OpGreaterEqual, true}
		case OpLess, OpLessEqual:
			high = Bound{c.Values[0], c.Op == OpLessEqual, true}
		}
	}
	return low, high
}

// Limit gives how many rows suffice, where the statement says so and nothing else filters.
func (q *Query) Limit() (rows int64, limited bool) { return q.limit, q.limit >= 0 }

// Wants tells whether the statement uses a column. Ask once, before the loop over rows.
func (q *Query) Wants(column string) bool {
	return q.wanted == nil || q.wanted[q.column(column)]
}

// WantsAny tells whether the statement uses at least one of the columns.
func (q *Query) WantsAny(columns ...string) bool { return slices.ContainsFunc(columns, q.Wants) }

// Cache is shared by all calls of generators during one statement.
func (q *Query) Cache() *Cache { return q.cache }

func (q *Query) values(column string, op Op) []string {
	i := q.column(column)
	var values []string
	for j := range q.constraints {
		switch c := &q.constraints[j]; {
		case c.Column != i || c.Op != op:
		case values == nil:
			values = c.Values[:len(c.Values):len(c.Values)]
		default:
			values = union(values, c.Values)
		}
	}
	return values
}

// union appends the values that are new.
func union(values, more []string) []string {
	seen := make(map[string]bool, len(values))
	for _, v := range values {
		seen[v] = true
	}
	for _, v := range more {
		if !seen[v] {
			values = append(values, v)
		}
	}
	return values
}

// column panics for a name that the table lacks: a mistake in the generator, which the engine reports as its error.
func (q *Query) column(name string) int {
	i := q.table.Column(name)
	if i < 0 {
		panic(fmt.Sprintf("table %s has no column %q", q.table.Name, name))
	}
	return i
}

// Cache keeps what generators read, by key, until the statement ends. It serves the inner side of joins: the socket
// inodes of a process, the digests of a path. One goroutine uses it at a time. The zero Cache is ready.
type Cache struct {
	values map[any]any
	ends   bool
	atEnd  []func()
}

// NewCache makes a cache whose maker calls End when the statement ends, so that it may hold what must be closed.
func NewCache() *Cache { return &Cache{ends: true} }

// OnEnd has f called when the statement ends. It is false where nobody would call it.
func (c *Cache) OnEnd(f func()) bool {
	if c.ends {
		c.atEnd = append(c.atEnd, f)
	}
	return c.ends
}

// End calls what waits for the end of the statement.
func (c *Cache) End() {
	for _, f := range c.atEnd {
		f()
	}
	c.atEnd = nil
}

// Cached gives what make gave the first time for key in this statement. An error is not kept.
func Cached[V any](c *Cache, key any, make func() (V, error)) (V, error) {
	if v, ok := c.values[key]; ok {
		return v.(V), nil
	}
	v, err := make()
	if err != nil {
		return v, err
	}
	if c.values == nil {
		c.values = map[any]any{}
	}
	c.values[key] = v
	return v, nil
}
