package engine

import (
	"slices"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"

	"github.com/tenantra/tenantra/tables"
)

// plan is one way of reading a table that SQLite's planner was offered: what xFilter then gets as its idxNum.
type plan struct {
	used        uint64 // bit i: the statement uses SQL column i; bit 63: column 63 or a later one
	constraints []planned
	limit       int // argument that is the LIMIT, -1 for none
	offset      int // argument that is the OFFSET, -1 for none
	missing     bool
	point       bool // a key of a table that is not expensive is given by =: few rows are expected
}

// planned is a constraint whose right-hand side becomes an argument of xFilter, in the order of the plan.
type planned struct {
	column int // of the table
	op     tables.Op
	in     bool // the argument is a whole IN list
}

// What the planner is told that a full scan gives, by the table's cost class. Only the order of joins depends on it.
var scans = [...]struct{ rows, cost float64 }{
	tables.Cheap:     {100, 1e3},
	tables.Moderate:  {2_000, 1e5},
	tables.Expensive: {100_000, 1e8},
}

const missingCost = 1e12

// xBestIndex chooses which constraints a generator gets. SQLite checks all of them again (omit is never set), so that
// a generator is free to ignore what it gets; what it gets must not make it leave out a row that SQLite would accept.
func xBestIndex(tls *libc.TLS, vtab, infoAddress uintptr) int32 {
	v := at[vtabC](vtab)
	c, d := conns[v.conn], conns[v.conn].catalog.modules[v.module].declared()
	info := at[lib.Sqlite3_index_info](infoAddress)
	constraints := unsafe.Slice(at[lib.Tsqlite3_index_constraint](info.FaConstraint), info.FnConstraint)
	usage := unsafe.Slice(at[lib.Tsqlite3_index_constraint_usage](info.FaConstraintUsage), info.FnConstraint)
	scan := scans[min(int(d.table.Cost), len(scans)-1)]
	rows, cost := scan.rows, scan.cost
	p := plan{used: info.FcolUsed, limit: -1, offset: -1}
	arguments := int32(0)
	requiredSeen, requiredUsable, filtered := false, false, false
	for i := range constraints {
		constraint := &constraints[i]
		if constraint.Fop == lib.SQLITE_INDEX_CONSTRAINT_LIMIT || constraint.Fop == lib.SQLITE_INDEX_CONSTRAINT_OFFSET {
			continue
		}
		filtered = true
		column, op, ok := c.pushed(infoAddress, i, d, constraint)
		if !ok {
			continue
		}
		required := d.columns[column].Required
		requiredSeen = requiredSeen || required
		if constraint.Fusable == 0 {
			continue
		}
		requiredUsable = requiredUsable || required
		in := op == tables.OpEqual && lib.Xsqlite3_vtab_in(tls, infoAddress, int32(i), -1) != 0
		if in { // all values in one call of xFilter
			lib.Xsqlite3_vtab_in(tls, infoAddress, int32(i), 1)
		}
		if !slices.ContainsFunc(p.constraints, func(other planned) bool { return other.column == column && other.op == op }) {
			fewer, cheaper := narrowing(&d.columns[column], op, in)
			rows, cost = rows/fewer, cost/cheaper
		}
		spec := &d.columns[column]
		p.point = p.point || op == tables.OpEqual && !in && (spec.Index || spec.Required) && d.table.Cost != tables.Expensive
		p.constraints = append(p.constraints, planned{column, op, in})
		arguments++
		usage[i].FargvIndex = arguments
	}
	if d.anyRequired && !requiredUsable {
		if requiredSeen { // its other side comes from a table that this plan reads later: ask for another order
			c.required = d.table.Name
			return lib.SQLITE_CONSTRAINT
		}
		p.missing = true // xFilter says so; the cost makes any other plan win, such as the branches of an OR
		rows, cost = missingCost, missingCost
	}
	if !filtered && info.FnOrderBy == 0 {
		for i := range constraints {
			if constraints[i].Fusable == 0 {
				continue
			}
			usage[i].FargvIndex = arguments + 1
			if constraints[i].Fop == lib.SQLITE_INDEX_CONSTRAINT_LIMIT {
				p.limit = int(arguments)
			} else {
				p.offset = int(arguments)
			}
			arguments++
		}
	}
	c.plans = append(c.plans, p)
	info.FidxNum = int32(len(c.plans) - 1)
	info.FestimatedCost = max(cost, 1)
	info.FestimatedRows = int64(max(rows, 1))
	return lib.SQLITE_OK
}

// pushed tells whether a constraint may be handed to the generator, and as what.
func (c *conn) pushed(info uintptr, i int, d *declared, constraint *lib.Tsqlite3_index_constraint) (column int, op tables.Op, ok bool) {
	sqlColumn := int(constraint.FiColumn)
	if sqlColumn < 0 || d.source[sqlColumn] < 0 {
		return 0, 0, false
	}
	column = int(d.source[sqlColumn])
	spec := &d.columns[column]
	if !spec.Pushed() {
		return 0, 0, false
	}
	text := spec.Type == tables.Text
	switch constraint.Fop {
	case lib.SQLITE_INDEX_CONSTRAINT_EQ:
		op = tables.OpEqual
		if !text {
			return column, op, true
		}
		// A generator compares as its column is declared, or stricter. A looser collation would make it return too
		// little, and two versions can be equal without being alike.
		collation := libc.GoString(lib.Xsqlite3_vtab_collation(c.tls, info, int32(i)))
		return column, op, collation == "BINARY" || collation == "NOCASE" && spec.Collate == "NOCASE"
	case lib.SQLITE_INDEX_CONSTRAINT_LIKE:
		return column, tables.OpLike, text
	case lib.SQLITE_INDEX_CONSTRAINT_GLOB:
		return column, tables.OpGlob, text
	// Never on text: LIKE and GLOB arrive as such pairs too, and generators would have to know the collation.
	case lib.SQLITE_INDEX_CONSTRAINT_LT:
		return column, tables.OpLess, numeric(spec.Type)
	case lib.SQLITE_INDEX_CONSTRAINT_LE:
		return column, tables.OpLessEqual, numeric(spec.Type)
	case lib.SQLITE_INDEX_CONSTRAINT_GT:
		return column, tables.OpGreater, numeric(spec.Type)
	case lib.SQLITE_INDEX_CONSTRAINT_GE:
		return column, tables.OpGreaterEqual, numeric(spec.Type)
	}
	return 0, 0, false
}

func numeric(t tables.Type) bool { return t != tables.Text && t != tables.Blob }

// narrowing estimates by how much a constraint lessens the rows and the cost of a scan. One call for an IN list gives more
// rows than one for a single value, but must stay cheaper than a branch for each: SQLite may read a = 1 OR a = 2 both ways.
func narrowing(c *tables.Column, op tables.Op, in bool) (rows, cost float64) {
	rows, cost = 4, 4
	switch op {
	case tables.OpEqual:
		rows, cost = 100, 100
		if in {
			rows, cost = 25, 90
		}
	case tables.OpLike, tables.OpGlob:
		rows, cost = 10, 10
	}
	if !c.Index && !c.Required { // additional: the generator may use it
		rows, cost = max(2, rows/10), max(2, cost/10)
	}
	return rows, cost
}

// uses tells whether the statement may use SQL column i.
func (p *plan) uses(i int) bool { return p.used&(1<<min(i, 63)) != 0 }
