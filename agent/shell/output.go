package shell

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/tenantra/tenantra/internal/terminal"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

// Mode is how rows are printed.
type Mode string

// The modes.
const (
	ModeTable Mode = "table" // for people
	ModeLine  Mode = "line"  // for people, one column a line
	ModeJSON  Mode = "json"  // one array of objects
	ModeCSV   Mode = "csv"
)

// Modes lists all modes.
var Modes = []Mode{ModeTable, ModeLine, ModeJSON, ModeCSV}

// ParseMode reads a mode by its name.
func ParseMode(name string) (Mode, error) {
	for _, m := range Modes {
		if string(m) == name {
			return m, nil
		}
	}
	return "", fmt.Errorf("unknown mode %q: use table, line, json or csv", name)
}

// Output prints the rows of one statement as they come.
type Output interface {
	engine.Sink
	// Finish ends the output. After an error it ends it so that a reader sees that something is missing: a JSON array
	// stays open.
	Finish(err error) error
}

// Terminal describes what is printed on. The zero Terminal is a file or a pipe.
type Terminal struct {
	Is    bool
	Width int // in cells; 0 where unknown
}

// NewOutput makes an output of a mode on w.
func NewOutput(w io.Writer, mode Mode, terminal Terminal) Output {
	p := printer{w: bufio.NewWriterSize(w, 64<<10), terminal: terminal}
	switch mode {
	case ModeJSON:
		return &jsonOutput{printer: p}
	case ModeCSV:
		return &csvOutput{printer: p}
	case ModeLine:
		return &lineOutput{printer: p}
	default:
		return &tableOutput{printer: p}
	}
}

// printer is what all outputs share: a person sees each row at once, a pipe gets full blocks.
type printer struct {
	w        *bufio.Writer
	terminal Terminal
	buf      []byte
}

func (p *printer) emit() error {
	if _, err := p.w.Write(p.buf); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	p.buf = p.buf[:0]
	if p.terminal.Is {
		return p.flush()
	}
	return nil
}

func (p *printer) flush() error {
	if err := p.w.Flush(); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

// cellText is a cell as people read it, harmless on a terminal; NULL is empty, a blob is hexadecimal.
func cellText(r *engine.Row, i int) string {
	switch r.Type(i) {
	case tables.ValueNull:
		return ""
	case tables.ValueBlob:
		return hex.EncodeToString(r.Bytes(i))
	case tables.ValueText:
		return terminal.Escape(r.Text(i))
	default:
		return r.Value(i).String()
	}
}
