package export

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/tenantra/tenantra/internal/spreadsheet"
	"github.com/tenantra/tenantra/tables"
)

// jsonWriter writes one object a line.
type jsonWriter struct{ *json.Encoder }

func (w *jsonWriter) line(l line) error { return w.Encode(l) }
func (w *jsonWriter) flush() error      { return nil }
func (w *jsonWriter) incomplete() error {
	return w.Encode(map[string]string{"error": "the export ended early: start it again"})
}

// csvWriter writes the rows of one collection under its columns, or those of all as JSON.
type csvWriter struct {
	*spreadsheet.Writer
	wide    bool
	columns []string
}

var ownColumns = []string{"tenant", "agent_id", "hostname", "collection", "seen_from"}

func newCSV(out *spreadsheet.Writer, wide bool, columns []string) *csvWriter {
	w := &csvWriter{out, wide, columns}
	if wide {
		out.Write(append(append([]string{}, ownColumns...), columns...)...)
	} else {
		out.Write(append(append([]string{}, ownColumns...), "row")...)
	}
	return w
}

func (w *csvWriter) line(l line) error {
	cells := []spreadsheet.Cell{{Text: l.Tenant}, {Text: l.Agent.String()}, {Text: l.Hostname}, {Text: l.Collection}, {Text: l.SeenFrom.Format(time.RFC3339Nano)}}
	if !w.wide {
		text, err := json.Marshal(l.Row)
		if err != nil {
			return fmt.Errorf("write row: %w", err)
		}
		w.WriteCells(append(cells, spreadsheet.Cell{Text: string(text)})...)
		return nil
	}
	for _, name := range w.columns {
		cell, err := cellOf(l.Row[name])
		if err != nil {
			return err
		}
		cells = append(cells, cell)
	}
	w.WriteCells(cells...)
	return nil
}

func (w *csvWriter) flush() error { return w.Flush() }
func (w *csvWriter) incomplete() error {
	w.Write("INCOMPLETE", "the export ended early: start it again")
	return w.Flush()
}

// cellOf gives a stored value as a cell; a column that the row does not have is empty, as NULL is.
func cellOf(stored json.RawMessage) (spreadsheet.Cell, error) {
	if len(stored) == 0 {
		return spreadsheet.Cell{}, nil
	}
	var value tables.Value
	if err := json.Unmarshal(stored, &value); err != nil {
		return spreadsheet.Cell{}, fmt.Errorf("write value: %w", err)
	}
	switch value.Any().(type) {
	case nil:
		return spreadsheet.Cell{}, nil
	case int64, float64:
		return spreadsheet.Cell{Text: value.String(), Number: true}, nil
	case string, []byte:
		return spreadsheet.Cell{Text: value.String()}, nil
	default:
		return spreadsheet.Cell{}, errors.New("write value: of an unknown type")
	}
}
