package engine

import (
	"math"
	"strconv"
	"strings"
	"unsafe"

	lib "modernc.org/sqlite/lib"

	"github.com/tenantra/tenantra/tables"
)

// question turns the arguments of xFilter into what the generator is asked, in the cursor's own memory. It is not possible
// where no row can match: a comparison with NULL, or IN an empty list.
func (cu *cursor) question(p *plan, arguments uintptr) (limit int64, possible bool) {
	c, limit := cu.conn, int64(-1)
	if p.limit >= 0 {
		limit = c.limitOf(p, arguments)
	}
	cu.constraints, cu.values = cu.constraints[:0], cu.values[:0]
	for i := range p.constraints {
		planned, value := &p.constraints[i], argument(arguments, i)
		before := len(cu.values)
		if !planned.in {
			if cu.constrain(planned, value) == matchesNothing {
				return -1, false
			}
		} else {
			for rc := lib.Xsqlite3_vtab_in_first(c.tls, value, c.out); rc == lib.SQLITE_OK; rc = lib.Xsqlite3_vtab_in_next(c.tls, value, c.out) {
				cu.constrain(planned, *at[uintptr](c.out))
			}
			if len(cu.values) == before {
				return -1, false
			}
		}
		if values := cu.values[before:]; len(values) > 0 {
			cu.constraints = append(cu.constraints, tables.Constraint{Column: planned.column, Op: planned.op, Values: values})
		}
	}
	return limit, true
}

// constrain adds a constant, where it is one that the generator can use.
func (cu *cursor) constrain(planned *planned, value uintptr) (use int) {
	text, use := cu.conn.constant(value, &cu.table.columns[planned.column], planned.op)
	if use == usable {
		cu.values = append(cu.values, text)
	}
	return use
}

// argument gives one of the values in a C array of pointers.
func argument(arguments uintptr, i int) uintptr {
	return *at[uintptr](arguments + uintptr(i)*unsafe.Sizeof(arguments))
}

// limitOf gives how many rows suffice: those of LIMIT after those that OFFSET skips.
func (c *conn) limitOf(p *plan, arguments uintptr) int64 {
	limit := lib.Xsqlite3_value_int64(c.tls, argument(arguments, p.limit))
	if limit < 0 || p.offset < 0 {
		return limit // LIMIT -1 is none
	}
	offset := max(0, lib.Xsqlite3_value_int64(c.tls, argument(arguments, p.offset)))
	if limit > math.MaxInt64-offset {
		return -1
	}
	return limit + offset
}

// What a constant does for a constraint.
const (
	usable = iota
	useless
	matchesNothing
)

// constant gives the right-hand side of a constraint as text, converted as SQLite's comparison with a column of that
// type would: pid = '12' asks for 12, path = 12 for '12'.
func (c *conn) constant(value uintptr, column *tables.Column, op tables.Op) (text string, use int) {
	kind := lib.Xsqlite3_value_type(c.tls, value)
	switch {
	case kind == lib.SQLITE_NULL:
		return "", matchesNothing
	case !numeric(column.Type):
		return c.valueText(value), usable
	case kind == lib.SQLITE_INTEGER:
		return strconv.FormatInt(lib.Xsqlite3_value_int64(c.tls, value), 10), usable
	case kind == lib.SQLITE_FLOAT:
		return number(lib.Xsqlite3_value_double(c.tls, value)), usable
	}
	text = c.valueText(value)
	if kind == lib.SQLITE_TEXT {
		if converted, ok := asNumber(text); ok {
			return converted, usable
		}
	}
	if op != tables.OpEqual {
		return "", useless // every number is below every text
	}
	return text, usable // equals no number; the generator sees so
}

func (c *conn) valueText(value uintptr) string {
	p := lib.Xsqlite3_value_text(c.tls, value)
	return c.keys.clone(textAt(p, int(lib.Xsqlite3_value_bytes(c.tls, value))))
}

// keys holds the texts of constants, many in one piece of memory: a join asks for a new one with each inner call.
type keys []byte

const keysBytes = 4 << 10

// clone copies a text. What is returned stays as it is: a full piece is left to the collector.
func (k *keys) clone(text string) string {
	if text == "" {
		return ""
	}
	if len(text) > cap(*k)-len(*k) {
		*k = make([]byte, 0, max(keysBytes, len(text)))
	}
	start := len(*k)
	*k = append(*k, text...)
	return unsafe.String(&(*k)[start], len(text))
}

// number writes a float as an integer where it is one.
func number(f float64) string {
	if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return strconv.FormatInt(int64(f), 10)
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// asNumber converts text that as a whole is a number, blanks around it aside: SQLite's numeric affinity.
func asNumber(text string) (string, bool) {
	text = strings.Trim(text, " \t\n\v\f\r")
	if strings.Trim(text, "0123456789+-.eE") != "" {
		return "", false // ParseFloat knows more: inf, 0x10
	}
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return strconv.FormatInt(i, 10), true
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		return number(f), true
	}
	return "", false
}
