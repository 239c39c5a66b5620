package shell

import (
	"github.com/tenantra/tenantra/queries/engine"

	"github.com/tenantra/tenantra/internal/terminal"
)

// jsonOutput prints one array of objects, one object a line. Nothing is printed before the first row or the good end, so
// that a statement that fails at once leaves its output empty.
type jsonOutput struct {
	printer
	rows int
	row  []byte
}

func (o *jsonOutput) Columns([]string) error { return nil }

func (o *jsonOutput) Row(r *engine.Row) error {
	if o.rows++; o.rows == 1 {
		o.buf = append(o.buf, "[\n  "...)
	} else {
		o.buf = append(o.buf, ",\n  "...)
	}
	if o.terminal.Is {
		o.row = engine.AppendJSON(o.row[:0], r)
		o.buf = terminal.AppendJSON(o.buf, o.row)
	} else {
		o.buf = engine.AppendJSON(o.buf, r)
	}
	return o.emit()
}

func (o *jsonOutput) Finish(err error) error {
	switch {
	case err != nil:
	case o.rows == 0:
		o.buf = append(o.buf, "[]\n"...)
	default:
		o.buf = append(o.buf, "\n]\n"...)
	}
	if err := o.emit(); err != nil {
		return err
	}
	return o.flush()
}
