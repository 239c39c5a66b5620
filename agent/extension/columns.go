package extension

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/osquery/osquery-go/gen/osquery"

	"github.com/tenantra/tenantra/tables"
)

// The flags of a column in a table's route, as osquery numbers them.
const (
	flagIndex = 1 << iota
	flagRequired
	flagAdditional
	_ // optimized: no meaning outside of osquery
	flagHidden
)

const (
	nameMax    = 128
	columnsMax = 500 // as in the tables that a statement can read
)

var (
	tableName  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`) })
	columnName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_ .:\-]*$`) })
)

// typeNames has osquery's names of types beside ours.
var typeNames = []struct {
	theirs string
	ours   tables.Type
}{
	{"TEXT", tables.Text}, {"INTEGER", tables.Integer}, {"BIGINT", tables.BigInt},
	{"UNSIGNED BIGINT", tables.UnsignedBigInt}, {"DOUBLE", tables.Double}, {"BLOB", tables.Blob},
}

// typeOf reads osquery's name of a type; one that is unknown holds text, as everything does on the wire.
func typeOf(theirs string) tables.Type {
	for _, t := range typeNames {
		if strings.EqualFold(t.theirs, theirs) {
			return t.ours
		}
	}
	return tables.Text
}

func typeNameOf(ours tables.Type) string {
	for _, t := range typeNames {
		if t.ours == ours {
			return t.theirs
		}
	}
	return "TEXT"
}

// columnsOf reads a table's columns from the route that an extension registers for it. Every constraint is handed over,
// since many extensions read constraints of columns that they do not mark.
func columnsOf(table string, route osquery.ExtensionPluginResponse, class tables.Class) ([]tables.Column, error) {
	if len(table) > nameMax || !tableName().MatchString(table) {
		return nil, fmt.Errorf("table %.*q: a name has letters, digits and underscores, at most %d", nameMax, table, nameMax)
	}
	var columns []tables.Column
	for _, part := range route {
		if id := part["id"]; id != "column" && id != "" {
			continue // attributes and aliases
		}
		name := part["name"]
		switch {
		case len(name) > nameMax || !columnName().MatchString(name):
			return nil, fmt.Errorf("table %s: %.*q is no name of a column", table, nameMax, name)
		case len(columns) == columnsMax:
			return nil, fmt.Errorf("table %s has more than %d columns", table, columnsMax)
		case strings.EqualFold(name, "_identity"), slices.ContainsFunc(columns, func(c tables.Column) bool { return strings.EqualFold(c.Name, name) }):
			return nil, fmt.Errorf("table %s: column %s is there twice", table, name)
		}
		flags, err := strconv.ParseUint(part["op"], 10, 16)
		if err != nil && part["op"] != "" {
			return nil, fmt.Errorf("table %s: column %s: options %.20q are no number", table, name, part["op"])
		}
		columns = append(columns, tables.Column{
			Name: name, Doc: "Column of the extension.", Type: typeOf(part["type"]), Class: class,
			Index: flags&flagIndex != 0, Required: flags&flagRequired != 0, Hidden: flags&flagHidden != 0, Additional: true,
		})
	}
	if len(columns) == 0 {
		return nil, fmt.Errorf("table %s has no columns", table)
	}
	return columns, nil
}

// routeOf writes a table's columns as an extension registers them. Aliases and columns of other platforms have no place there.
func routeOf(t *tables.Table, platform tables.Platforms) osquery.ExtensionPluginResponse {
	var route osquery.ExtensionPluginResponse
	for i := range t.Columns() {
		c := &t.Columns()[i]
		if c.OS != 0 && c.OS&platform == 0 {
			continue
		}
		flags := 0
		for flag, set := range map[int]bool{flagIndex: c.Index, flagRequired: c.Required, flagAdditional: c.Additional, flagHidden: c.Hidden} {
			if set {
				flags |= flag
			}
		}
		route = append(route, map[string]string{"id": "column", "name": c.Name, "type": typeNameOf(c.Type), "op": strconv.Itoa(flags)})
	}
	return route
}

// valueOf reads a cell of an answer as its column's type. Text that is no number of that type is NULL, as in osquery.
func valueOf(text string, t tables.Type) tables.Value {
	switch t {
	case tables.Text:
		return tables.TextValue(text)
	case tables.Blob:
		return tables.BlobValue([]byte(text))
	case tables.Double:
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return tables.FloatValue(f)
		}
		return tables.Value{}
	default:
		if i, err := strconv.ParseInt(text, 10, 64); err == nil {
			return tables.IntValue(i)
		}
		return tables.Value{}
	}
}
