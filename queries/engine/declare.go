package engine

import (
	"fmt"
	"slices"
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
	list    []*tables.Table  // of all platforms
	modules []module         // the tables of the platform, under each of their names
	byName  map[string]int32 // the place of a module by its name in lower case
}

// module is one name of a table.
type module struct {
	name string
	*lazyTable
}

// lazyTable is declared when a statement first names it: most of some hundred never are.
type lazyTable struct {
	table    *tables.Table
	platform tables.Platforms
	once     sync.Once
	done     *declared
}

func (l *lazyTable) declared() *declared {
	l.once.Do(func() { l.done = declare(l.table, l.platform) })
	return l.done
}

func newCatalog(list []*tables.Table, platform tables.Platforms) (*catalog, error) {
	names := 0
	for _, table := range list {
		names += 1 + len(table.Aliases)
	}
	c := &catalog{list: list, modules: make([]module, 0, names), byName: make(map[string]int32, names)}
	all := make([]lazyTable, len(list))
	for i, table := range list {
		if table.Platforms&platform == 0 {
			continue
		}
		all[i].table, all[i].platform = table, platform
		if err := c.add(table.Name, &all[i]); err != nil {
			return nil, err
		}
		for _, alias := range table.Aliases {
			if err := c.add(alias, &all[i]); err != nil {
				return nil, err
			}
		}
	}
	return c, nil
}

func (c *catalog) add(name string, table *lazyTable) error {
	key := strings.ToLower(name)
	if _, twice := c.byName[key]; twice {
		return fmt.Errorf("engine: two tables are named %s", name)
	}
	c.byName[key] = int32(len(c.modules)) // #nosec G115 -- some hundred
	c.modules = append(c.modules, module{name, table})
	return nil
}

// find gives a table of the platform by its name, or nil.
func (c *catalog) find(name string) *declared {
	if place, ok := c.byName[strings.ToLower(name)]; ok {
		return c.modules[place].declared()
	}
	return nil
}

// elsewhere gives a table of another platform by its name, or nil.
func (c *catalog) elsewhere(name string) *tables.Table {
	for _, table := range c.list {
		if strings.EqualFold(table.Name, name) || slices.ContainsFunc(table.Aliases, func(alias string) bool { return strings.EqualFold(alias, name) }) {
			return table
		}
	}
	return nil
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
