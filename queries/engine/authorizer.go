package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// reading is what the compiler of a text told the authorizer: the tables and columns that it reads, the functions that
// it calls, and why it was refused.
type reading struct {
	conn      *conn
	tables    map[*declared]map[string]bool
	functions map[string]bool
	refusal   string
}

// xAuthorize is asked for everything that a statement would do. It is an allow-list.
func xAuthorize(_ *libc.TLS, slot uintptr, action int32, a, b, _, _ uintptr) int32 {
	r := conns[slot].reading
	if r == nil {
		// Outside of compile only the engine's own statement runs, and SQLite parses the schemas of tables.
		return lib.SQLITE_OK
	}
	if refusal := r.allow(action, libc.GoString(a), libc.GoString(b)); refusal != "" {
		if r.refusal == "" {
			r.refusal = refusal
		}
		return lib.SQLITE_DENY
	}
	return lib.SQLITE_OK
}

// allow gives the reason for which an action is refused, or "".
func (r *reading) allow(action int32, a, b string) string {
	switch action {
	case lib.SQLITE_SELECT, lib.SQLITE_RECURSIVE:
		return ""
	case lib.SQLITE_READ:
		return r.read(a, b)
	case lib.SQLITE_FUNCTION:
		return r.call(b)
	}
	if what, ok := refusedActions[action]; ok {
		return what + " is not allowed: only SELECT statements can be run"
	}
	return "the statement is not allowed: only SELECT statements can be run"
}

var refusedActions = map[int32]string{
	lib.SQLITE_ATTACH:              "ATTACH",
	lib.SQLITE_DETACH:              "DETACH",
	lib.SQLITE_PRAGMA:              "PRAGMA",
	lib.SQLITE_TRANSACTION:         "a transaction",
	lib.SQLITE_SAVEPOINT:           "SAVEPOINT",
	lib.SQLITE_INSERT:              "writing",
	lib.SQLITE_UPDATE:              "writing",
	lib.SQLITE_DELETE:              "writing",
	lib.SQLITE_ANALYZE:             "ANALYZE",
	lib.SQLITE_REINDEX:             "REINDEX",
	lib.SQLITE_CREATE_TABLE:        "CREATE TABLE",
	lib.SQLITE_CREATE_TEMP_TABLE:   "CREATE TABLE",
	lib.SQLITE_CREATE_VTABLE:       "CREATE VIRTUAL TABLE",
	lib.SQLITE_CREATE_VIEW:         "CREATE VIEW",
	lib.SQLITE_CREATE_TEMP_VIEW:    "CREATE VIEW",
	lib.SQLITE_CREATE_INDEX:        "CREATE INDEX",
	lib.SQLITE_CREATE_TEMP_INDEX:   "CREATE INDEX",
	lib.SQLITE_CREATE_TRIGGER:      "CREATE TRIGGER",
	lib.SQLITE_CREATE_TEMP_TRIGGER: "CREATE TRIGGER",
	lib.SQLITE_DROP_TABLE:          "DROP TABLE",
	lib.SQLITE_DROP_TEMP_TABLE:     "DROP TABLE",
	lib.SQLITE_DROP_VTABLE:         "DROP TABLE",
	lib.SQLITE_DROP_VIEW:           "DROP VIEW",
	lib.SQLITE_DROP_TEMP_VIEW:      "DROP VIEW",
	lib.SQLITE_DROP_INDEX:          "DROP INDEX",
	lib.SQLITE_DROP_TRIGGER:        "DROP TRIGGER",
	lib.SQLITE_ALTER_TABLE:         "ALTER TABLE",
}

// read notes a table and column. The column is "" for a table of which none is read, as by count(*). A common table
// expression of which no column is read comes here too; everything else that is not ours was dropped with SQLite's own
// modules, except for the names that SQLite brings back on demand.
func (r *reading) read(table, column string) string {
	name := strings.ToLower(table)
	d := r.conn.catalog.find(name)
	if d == nil {
		switch {
		case name == "json_each" || name == "json_tree":
			return ""
		case strings.HasPrefix(name, "sqlite_") || strings.HasPrefix(name, "pragma_") || column != "":
			return fmt.Sprintf("reading %s is not allowed", table)
		}
		return ""
	}
	columns := r.tables[d]
	if columns == nil {
		columns = map[string]bool{}
		r.tables[d] = columns
	}
	if column == "" {
		return ""
	}
	canonical, ok := d.column(column)
	if !ok { // the identity
		return fmt.Sprintf("no such column: %s", column)
	}
	columns[canonical] = true
	return ""
}

func (r *reading) call(name string) string {
	name = strings.ToLower(name)
	if !slices.Contains(builtinFunctions, name) && !ours(name) {
		return fmt.Sprintf("the function %s is not allowed", name)
	}
	r.functions[name] = true
	return ""
}

func ours(name string) bool {
	return slices.ContainsFunc(functions, func(f function) bool { return f.name == name })
}

// refs lists the tables and columns read.
func (r *reading) refs() []TableRef {
	refs := make([]TableRef, 0, len(r.tables))
	for d, columns := range r.tables {
		refs = append(refs, TableRef{Table: d.table, Columns: slices.Sorted(maps.Keys(columns))})
	}
	slices.SortFunc(refs, func(a, b TableRef) int { return strings.Compare(a.Table.Name, b.Table.Name) })
	return refs
}
