package engine

import (
	"fmt"
	"iter"
	"strings"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// introduce makes known to SQLite the tables and functions that a text names. To make all of them known costs each connection,
// and with it each start of a program that runs one statement, more than the statement. A word is taken for a name wherever it
// stands: one too many does no harm.
func (c *conn) introduce(sql string) error {
	for word := range words(sql) {
		name := strings.ToLower(word)
		if place, ok := c.catalog.byName[name]; ok && c.known.add(int(place)) {
			if err := c.registerModule(int(place)); err != nil {
				return err
			}
		}
		for i := range functions {
			if functions[i].name == name && c.callable.add(i) {
				if err := c.registerFunction(i); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// registerOddNames makes tables known whose names are no words and must be quoted, as extensions may have them.
func (c *conn) registerOddNames() error {
	for place, m := range c.catalog.modules {
		if strings.ContainsFunc(m.name, inWord) && !strings.ContainsFunc(m.name, func(r rune) bool { return !inWord(r) }) {
			continue
		}
		c.known.add(place)
		if err := c.registerModule(place); err != nil {
			return err
		}
	}
	return nil
}

// inWord tells whether a character may stand in an SQL name that is not quoted.
func inWord(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '$' || r > 0x7f
}

// words gives what may be a name in SQL, quoted or not.
func words(sql string) iter.Seq[string] {
	return strings.FieldsFuncSeq(sql, func(r rune) bool { return !inWord(r) })
}

func (c *conn) registerModule(place int) error {
	m := &c.catalog.modules[place]
	name, err := libc.CString(m.name)
	if err != nil {
		return fmt.Errorf("engine: table %s: %w", m.name, err)
	}
	defer libc.Xfree(c.tls, name)
	if rc := lib.Xsqlite3_create_module_v2(c.tls, c.db, name, moduleMethods, uintptr(c.slot())|uintptr(place)<<16, 0); rc != lib.SQLITE_OK {
		return c.openError("table "+m.name, rc)
	}
	return nil
}

func (c *conn) registerFunction(place int) error {
	f := &functions[place]
	name, err := libc.CString(f.name)
	if err != nil {
		return fmt.Errorf("engine: function %s: %w", f.name, err)
	}
	defer libc.Xfree(c.tls, name)
	flags := int32(lib.SQLITE_UTF8 | lib.SQLITE_INNOCUOUS)
	if !f.volatile {
		flags |= lib.SQLITE_DETERMINISTIC
	}
	arguments := -1
	if f.min == f.max {
		arguments = f.min
	}
	rc := lib.Xsqlite3_create_function_v2(c.tls, c.db, name, int32(arguments), flags, uintptr(c.slot())|uintptr(place)<<16, fn(xFunction), 0, 0, 0)
	if rc != lib.SQLITE_OK {
		return c.openError("function "+f.name, rc)
	}
	return nil
}

// bitset is a set of small numbers.
type bitset []uint64

// add tells whether the number was not in the set.
func (b *bitset) add(n int) bool {
	for n/64 >= len(*b) {
		*b = append(*b, 0)
	}
	word, bit := &(*b)[n/64], uint64(1)<<(n%64)
	if *word&bit != 0 {
		return false
	}
	*word |= bit
	return true
}
