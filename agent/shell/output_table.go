package shell

import (
	"slices"
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/tenantra/tenantra/internal/terminal"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

// The widths of a table follow its first rows, which are held back for that; later rows stream in the same widths.
const (
	sampleRows  = 1000
	sampleBytes = 4 << 20
	// narrowest is how far columns shrink to fit a terminal. A table that needs narrower ones is printed by lines.
	narrowest = 8
)

// tableOutput draws a table. On a terminal it fits the width: long cells end in "…", and a table of more columns than
// fit is printed one column a line.
type tableOutput struct {
	printer
	names  []string
	sample [][]cell
	held   int
	widths []int       // set once the heading is printed
	lines  *lineOutput // instead of a table
}

type cell struct {
	text   string
	number bool
}

func (o *tableOutput) Columns(names []string) error {
	o.names = make([]string, len(names))
	for i, name := range names {
		o.names[i] = terminal.Escape(name)
	}
	return nil
}

func (o *tableOutput) Row(r *engine.Row) error {
	row := make([]cell, r.Len())
	for i := range row {
		kind := r.Type(i)
		row[i] = cell{cellText(r, i), kind == tables.ValueInt || kind == tables.ValueFloat}
		o.held += len(row[i].text)
	}
	if o.widths != nil || o.lines != nil {
		return o.print(row)
	}
	o.sample = append(o.sample, row)
	if len(o.sample) < sampleRows && o.held < sampleBytes {
		return nil
	}
	return o.start()
}

func (o *tableOutput) Finish(err error) error {
	if o.names != nil && o.widths == nil && o.lines == nil && (err == nil || len(o.sample) > 0) {
		if err := o.start(); err != nil {
			return err
		}
	}
	if o.widths != nil {
		o.rule()
		if err := o.emit(); err != nil {
			return err
		}
	}
	return o.flush()
}

// start decides the widths and prints the heading and the rows held back.
func (o *tableOutput) start() error {
	widths := make([]int, len(o.names))
	for i, name := range o.names {
		widths[i] = runewidth.StringWidth(name)
	}
	for _, row := range o.sample {
		for i, c := range row {
			widths[i] = max(widths[i], runewidth.StringWidth(c.text))
		}
	}
	if o.terminal.Is && o.terminal.Width > 0 && !fit(widths, o.terminal.Width) {
		o.lines = &lineOutput{printer: o.printer, names: paddedNames(o.names)}
	} else {
		o.widths = widths
		o.rule()
		heading := make([]cell, len(o.names))
		for i, name := range o.names {
			heading[i].text = name
		}
		o.draw(heading)
		o.rule()
	}
	for _, row := range o.sample {
		if err := o.print(row); err != nil {
			return err
		}
	}
	o.sample = nil
	return nil
}

func (o *tableOutput) print(row []cell) error {
	if o.lines != nil {
		texts := make([]string, len(row))
		for i, c := range row {
			texts[i] = c.text
		}
		return o.lines.print(texts)
	}
	o.draw(row)
	return o.emit()
}

func (o *tableOutput) draw(row []cell) {
	for i, c := range row {
		o.buf = append(o.buf, "| "...)
		text := c.text
		width := runewidth.StringWidth(text)
		if o.terminal.Is && width > o.widths[i] {
			text = runewidth.Truncate(text, o.widths[i], "…")
			width = runewidth.StringWidth(text)
		}
		pad := strings.Repeat(" ", max(0, o.widths[i]-width))
		if c.number {
			o.buf = append(append(o.buf, pad...), text...)
		} else {
			o.buf = append(append(o.buf, text...), pad...)
		}
		o.buf = append(o.buf, ' ')
	}
	o.buf = append(o.buf, "|\n"...)
}

func (o *tableOutput) rule() {
	for _, w := range o.widths {
		o.buf = append(o.buf, '+')
		o.buf = append(o.buf, strings.Repeat("-", w+2)...)
	}
	o.buf = append(o.buf, "+\n"...)
}

// fit narrows the widest columns until the table fits, and tells whether it does.
func fit(widths []int, terminal int) bool {
	if len(widths) == 0 {
		return true
	}
	room := terminal - 3*len(widths) - 1
	need := func(widest int) int {
		sum := 0
		for _, w := range widths {
			sum += min(w, widest)
		}
		return sum
	}
	widest := min(slices.Max(widths), max(room, narrowest))
	for widest > narrowest && need(widest) > room {
		widest--
	}
	if need(widest) > room {
		return false
	}
	for i := range widths {
		widths[i] = min(widths[i], widest)
	}
	return true
}
