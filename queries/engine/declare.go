package engine

import (
	"fmt"
	"strings"
	"sync"

	"github.com/tenantra/tenantra/tables"
)

// identityColumn is the hidden first column of every table, and its whole primary key. DESIGN.md tells why. It is the
// first because SQLite always counts a primary key as used: with more than 63 columns the last ones share one bit.
const identityColumn = "_identity"

// declared is a table as SQLite sees it on the engine's platform.
type declared struct {
	table   *tables.Table
	columns []tables.Column
	sql     string // the CREATE TABLE that SQLite parses when a connection first uses the table

	// source gives, for each SQL column, the table's column that it shows: itself or, for an alias, the one it names.
	// noColumn: it has no value on this platform. The first one is the identity.
	source      []int16
	anyRequired bool
}

const (
	noColumn   = -1
	isIdentity = -2
)

func declare(table *tables.Table, platform tables.Platforms) *declared {
	d := &declared{table: table, columns: table.Columns(), source: []int16{isIdentity}}
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE x(%s BLOB HIDDEN, ", identityColumn)
	column := func(name string, c *tables.Column, hidden bool) {
		fmt.Fprintf(&b, "%s %s", quote(name), c.Type)
		if hidden {
			b.WriteString(" HIDDEN")
		}
		if c.Collate != "" {
			fmt.Fprintf(&b, " COLLATE %s", c.Collate)
		}
		b.WriteString(", ")
	}
	elsewhere := func(c *tables.Column) bool { return c.OS != 0 && c.OS&platform == 0 }
	source := func(i int) int16 {
		if elsewhere(&d.columns[i]) {
			return noColumn
		}
		return int16(i)
	}
	for i := range d.columns {
		c := &d.columns[i]
		column(c.Name, c, c.Hidden || elsewhere(c))
		d.source = append(d.source, source(i))
		d.anyRequired = d.anyRequired || c.Required
	}
	for i := range d.columns {
		for _, alias := range d.columns[i].Aliases {
			column(alias, &d.columns[i], true)
			d.source = append(d.source, source(i))
		}
	}
	fmt.Fprintf(&b, "PRIMARY KEY(%s)) WITHOUT ROWID", identityColumn)
	d.sql = b.String()
	return d
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// catalog holds what an engine knows of tables.
type catalog struct {
	modules   []module                    // the tables of the platform, under each of their names
	byName    map[string]func() *declared // by lower-case name
	elsewhere map[string]*tables.Table    // those of other platforms
}

// module is one name of a table, which is declared when a statement first names it: most of some hundred never are.
type module struct {
	name     string
	declared func() *declared
}

func newCatalog(list []*tables.Table, platform tables.Platforms) (*catalog, error) {
	c := &catalog{byName: map[string]func() *declared{}, elsewhere: map[string]*tables.Table{}}
	for _, table := range list {
		names := append([]string{table.Name}, table.Aliases...)
		if table.Platforms&platform == 0 {
			for _, name := range names {
				c.elsewhere[strings.ToLower(name)] = table
			}
			continue
		}
		once := sync.OnceValue(func() *declared { return declare(table, platform) })
		for _, name := range names {
			key := strings.ToLower(name)
			if c.byName[key] != nil {
				return nil, fmt.Errorf("engine: two tables are named %s", name)
			}
			c.byName[key] = once
			c.modules = append(c.modules, module{name, once})
		}
	}
	return c, nil
}

// column gives the table's own name for a column or alias that a statement names.
func (d *declared) column(name string) (string, bool) {
	i := d.table.Column(name)
	if i < 0 {
		i = d.table.Column(strings.ToLower(name))
	}
	if i < 0 {
		return "", false
	}
	return d.columns[i].Name, true
}
