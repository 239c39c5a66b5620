package engine

import "github.com/tenantra/tenantra/tables"

// Analysis is what a statement would do.
type Analysis struct {
	Columns   []string   // of the result
	Reads     []TableRef // sorted by table name
	Functions []string   // in lower case, sorted
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
		highest = max(highest, r.Table.Columns[r.Table.Column(name)].Class)
	}
	return highest
}
