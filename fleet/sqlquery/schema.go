package sqlquery

import (
	"context"
	"fmt"
	"slices"

	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/modules"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/all"
)

// Every stored table has four columns beside its own. They are hidden, so that SELECT * gives what it gives live. Where a
// table has a column of the name itself, ours has an underscore in front; with one it can be named always.
const (
	tenantColumn   = "tenant"
	agentColumn    = "agent"
	hostnameColumn = "hostname"
	seenColumn     = "seen_from"
)

// ours are the columns beside a table's own, in the order in which rows carry them.
var ours = []tables.Column{
	{Name: tenantColumn, Type: tables.Text, Doc: "Short name of the tenant."},
	{Name: agentColumn, Type: tables.Text, Doc: "Id of the agent."},
	{Name: hostnameColumn, Type: tables.Text, Doc: "Host name of the agent."},
	{Name: seenColumn, Type: tables.BigInt, Doc: "Since when the agent has had the row, Unix seconds."},
}

// withOurs adds our columns to a table's own.
func withOurs(own, added []tables.Column) []tables.Column {
	columns := slices.Clone(own)
	for _, c := range added {
		taken := slices.ContainsFunc(own, func(o tables.Column) bool { return o.Name == c.Name || slices.Contains(o.Aliases, c.Name) })
		if taken {
			c.Name = "_" + c.Name
		} else {
			c.Aliases = []string{"_" + c.Name}
		}
		c.Hidden, c.Index = true, c.Type == tables.Text
		columns = append(columns, c)
	}
	return columns
}

// generator gives a stored table's rows.
type generator func(ctx context.Context, q *tables.Query, emit func([]tables.Value) error) error

// stored is a table with its own name and columns whose rows come from generate. Nothing is required of a statement: the
// rows are there. Equality on text is handed down, to be looked for in the database.
func stored(table *tables.Table, generate generator) *tables.Table {
	own := slices.Clone(table.Columns())
	for i := range own {
		c := &own[i]
		c.Required, c.Index, c.OS = false, false, 0
		c.Additional = c.Type == tables.Text
	}
	spec := table.Spec
	spec.Platforms, spec.Cost, spec.Portable = tables.AllPlatforms, tables.Moderate, true
	return tables.DefineValues(spec, withOurs(own, ours), func(ctx context.Context, _ tables.Host, q *tables.Query, emit func([]tables.Value) error) error {
		return generate(ctx, q, emit)
	})
}

// newCatalogue is an engine that compiles statements over stored rows and runs none.
func newCatalogue() (*engine.Engine, error) {
	var list []*tables.Table
	for _, table := range all.Tables() {
		list = append(list, stored(table, nil))
	}
	e, err := engine.New(engine.Options{Tables: list, Pool: 1})
	if err != nil {
		return nil, fmt.Errorf("open catalogue of stored rows: %w", err)
	}
	return e, nil
}

// isOurs tells whether a statement's column of a stored table is one of those that no agent knows.
func isOurs(table *tables.Table, name string) bool {
	return table.Column(name) >= len(table.Columns())-len(ours)
}

// namesOurs tells whether a statement asks across agents: it names a column that only stored rows have.
func namesOurs(reads []engine.TableRef) bool {
	return slices.ContainsFunc(reads, func(read engine.TableRef) bool {
		return slices.ContainsFunc(read.Columns, func(name string) bool { return isOurs(read.Table, name) })
	})
}

// collected refuses a statement that reads what is never collected.
func collected(reads []engine.TableRef) error {
	for _, read := range reads {
		module, err := modules.Find(read.Table.Name)
		if err != nil {
			return fault.Field(fault.Invalid, "body.sql", "%v", err)
		}
		for _, name := range read.Columns {
			if isOurs(read.Table, name) {
				continue
			}
			if c := &module.Table.Columns()[module.Table.Column(name)]; !module.Kept(c, tables.ClassContent) {
				return fault.Field(fault.Invalid, "body.sql", "column %s.%s is not collected, because it is hidden or differs at every look: ask live", read.Table.Name, name)
			}
		}
	}
	return nil
}
