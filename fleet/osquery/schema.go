package osquery

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

//go:embed schema.txt
var schemaText string

// schema is osquery's own tables by name.
type schema map[string]coreTable

type coreTable struct {
	platforms tables.Platforms
	columns   []string
}

// parseSchema reads lines of a name, the platforms' letters and the columns.
func parseSchema(text string) (schema, error) {
	core := schema{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		if len(fields) != 3 {
			return nil, fmt.Errorf("osquery's schema: %q has %d fields, want 3", line, len(fields))
		}
		t := coreTable{columns: strings.Split(fields[2], ",")}
		for _, letter := range fields[1] {
			switch letter {
			case 'l':
				t.platforms |= tables.Linux
			case 'd':
				t.platforms |= tables.Darwin
			case 'w':
				t.platforms |= tables.Windows
			default:
				return nil, fmt.Errorf("osquery's schema: platform %q of %s is unknown", letter, fields[0])
			}
		}
		core[fields[0]] = t
	}
	return core, nil
}

// lacks tells what osquery has not of what a statement reads, "" where it has all. A column that the text does not name came
// by *, which osquery reads as its own columns.
func (s schema) lacks(sql string, reads []engine.TableRef, platform tables.Platforms) string {
	text := strings.ToLower(sql)
	for _, read := range reads {
		core, ok := s[read.Table.Name]
		if !ok || core.platforms&platform == 0 {
			return "table " + read.Table.Name
		}
		for _, column := range read.Columns {
			if !slices.Contains(core.columns, column) && strings.Contains(text, strings.ToLower(column)) {
				return "column " + read.Table.Name + "." + column
			}
		}
	}
	return ""
}
