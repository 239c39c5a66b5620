package sqlquery

import (
	"slices"

	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

// sink turns the engine's rows into events of many rows.
type sink struct {
	emit    func(Event) error
	who     *agent // whose answer it is; nil for nobody's alone
	columns []string
	pending [][]tables.Value
	bytes   int
	rows    int64
}

// Columns takes the names of the result.
func (s *sink) Columns(names []string) error {
	s.columns = slices.Clone(names)
	return nil
}

// Row takes one row.
func (s *sink) Row(r *engine.Row) error {
	row := make([]tables.Value, r.Len())
	for i := range row {
		row[i] = r.Value(i)
		s.bytes += len(row[i].Text) + 8
	}
	s.pending = append(s.pending, row)
	s.rows++
	if len(s.pending) >= eventRows || s.bytes >= eventBytes {
		return s.flush()
	}
	return nil
}

// flush emits what is there.
func (s *sink) flush() error {
	if len(s.pending) == 0 {
		return nil
	}
	event := Event{Type: "rows", Columns: s.columns, Rows: s.pending}
	if s.who != nil {
		event.AgentID, event.Hostname, event.Tenant = &s.who.id, s.who.hostname, s.who.slug
	}
	s.pending, s.bytes = nil, 0
	return s.emit(event)
}
