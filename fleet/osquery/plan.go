package osquery

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/tenantra/tenantra/tables"
)

// plan is what is known of a statement before a node runs it.
type plan struct {
	version string                 // changes with the text
	columns []string               // of its result, each once
	types   map[string]tables.Type // of those columns that are a table's
	reads   []string               // tables
	class   tables.Class           // the highest that it reads
	lacks   string                 // what osquery has not, "" where it can run it
}

type planKey struct {
	sql      [sha256.Size]byte
	platform tables.Platforms
}

// plans keeps them. Safe for concurrent use.
type plans struct {
	mu    sync.Mutex
	known map[planKey]*plan
}

const plansMax = 20_000

// plan compiles a statement, or remembers it.
func (s *Service) plan(sql string, platform tables.Platforms) *plan {
	key := planKey{sha256.Sum256([]byte(sql)), platform}
	s.plans.mu.Lock()
	known := s.plans.known[key]
	s.plans.mu.Unlock()
	if known != nil {
		return known
	}
	p := &plan{version: hex.EncodeToString(key.sql[:4]), types: map[string]tables.Type{}}
	analysis, err := s.Check(sql, platform)
	if err != nil {
		p.lacks = fmt.Sprintf("a statement that compiles: %v", err)
	} else {
		for _, column := range analysis.Columns {
			if !slices.Contains(p.columns, column) {
				p.columns = append(p.columns, column)
			}
		}
		ambiguous := map[string]bool{}
		for _, read := range analysis.Reads {
			p.reads, p.class = append(p.reads, read.Table.Name), max(p.class, read.Class())
			for _, name := range read.Columns {
				column := read.Table.Columns()[read.Table.Column(name)]
				if before, ok := p.types[column.Name]; ok && before != column.Type {
					ambiguous[column.Name] = true
				}
				p.types[column.Name] = column.Type
			}
		}
		for name := range ambiguous {
			delete(p.types, name)
		}
		p.lacks = s.schema.lacks(sql, analysis.Reads, platform)
	}
	s.plans.mu.Lock()
	defer s.plans.mu.Unlock()
	if len(s.plans.known) >= plansMax {
		clear(s.plans.known)
	}
	s.plans.known[key] = p
	return p
}

// shape gives the columns of rows as they are stored: the statement's, then what the rows have beside them.
func (p *plan) shape(lists ...[]map[string]any) []string {
	columns := slices.Clone(p.columns)
	known := make(map[string]bool, len(columns))
	for _, name := range columns {
		known[name] = true
	}
	var more []string
	for _, list := range lists {
		for _, row := range list {
			for name := range row {
				if !known[name] {
					known[name] = true
					more = append(more, name)
				}
			}
		}
	}
	slices.Sort(more)
	return append(columns, more...)
}

// values brings rows into the order of columns, with their types. A column that a row has not is NULL.
func (p *plan) values(columns []string, list []map[string]any) ([][]tables.Value, error) {
	out := make([][]tables.Value, len(list))
	for i, row := range list {
		out[i] = make([]tables.Value, len(columns))
		for j, name := range columns {
			var err error
			if out[i][j], err = valueOf(row[name], p.types[name]); err != nil {
				return nil, fmt.Errorf("row %d, column %q: %w", i+1, name, err)
			}
		}
	}
	return out, nil
}

// valueOf reads a cell. osquery tells numbers as text, and an unknown number as "".
func valueOf(cell any, typ tables.Type) (tables.Value, error) {
	switch v := cell.(type) {
	case nil:
		return tables.Value{}, nil
	case bool:
		if v {
			return tables.IntValue(1), nil
		}
		return tables.IntValue(0), nil
	case json.Number:
		if n, err := v.Int64(); err == nil && typ != tables.Double {
			return tables.IntValue(n), nil
		}
		if f, err := v.Float64(); err == nil {
			return tables.FloatValue(f), nil
		}
		return tables.TextValue(v.String()), nil
	case string:
		return textValue(v, typ), nil
	default:
		return tables.Value{}, fmt.Errorf("a cell is text or a number, not a list or an object")
	}
}

func textValue(text string, typ tables.Type) tables.Value {
	switch typ {
	case tables.Integer, tables.BigInt, tables.UnsignedBigInt:
		if text == "" {
			return tables.Value{}
		}
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return tables.IntValue(n)
		}
	case tables.Double:
		if text == "" {
			return tables.Value{}
		}
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return tables.FloatValue(f)
		}
	}
	return tables.TextValue(text)
}
