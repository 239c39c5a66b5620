package shell

import (
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/tenantra/tenantra/internal/terminal"
	"github.com/tenantra/tenantra/queries/engine"
)

// lineOutput prints each column on a line of its own, names to the right, rows apart by an empty line.
type lineOutput struct {
	printer
	names []string
	rows  int
}

func (o *lineOutput) Columns(names []string) error {
	o.names = paddedNames(names)
	return nil
}

func (o *lineOutput) Row(r *engine.Row) error {
	cells := make([]string, r.Len())
	for i := range cells {
		cells[i] = cellText(r, i)
	}
	return o.print(cells)
}

func (o *lineOutput) print(cells []string) error {
	if o.rows++; o.rows > 1 {
		o.buf = append(o.buf, '\n')
	}
	for i, cell := range cells {
		o.buf = append(o.buf, o.names[i]...)
		o.buf = append(o.buf, " = "...)
		o.buf = append(o.buf, cell...)
		o.buf = append(o.buf, '\n')
	}
	return o.emit()
}

func (o *lineOutput) Finish(error) error { return o.flush() }

func paddedNames(names []string) []string {
	width := 0
	padded := make([]string, len(names))
	for i, name := range names {
		padded[i] = terminal.Escape(name)
		width = max(width, runewidth.StringWidth(padded[i]))
	}
	for i, name := range padded {
		padded[i] = strings.Repeat(" ", width-runewidth.StringWidth(name)) + name
	}
	return padded
}
