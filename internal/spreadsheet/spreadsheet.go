// Package spreadsheet writes CSV that a spreadsheet shows and never runs: text of endpoints and of tenants stands in it.
package spreadsheet

import (
	"encoding/csv"
	"io"
	"strings"
)

// Writer writes rows of text as RFC 4180 CSV.
type Writer struct{ csv *csv.Writer }

// NewWriter makes a Writer.
func NewWriter(w io.Writer) *Writer { return &Writer{csv.NewWriter(w)} }

// Write writes one row; what goes wrong is told by Flush.
func (w *Writer) Write(cells ...string) {
	safe := make([]string, len(cells))
	for i, cell := range cells {
		safe[i] = Inert(cell)
	}
	_ = w.csv.Write(safe) // Flush tells
}

// Cell is text, or a number that was typed as one: a spreadsheet does not take -5 for a formula.
type Cell struct {
	Text   string
	Number bool
}

// WriteCells is Write for rows that have numbers in them.
func (w *Writer) WriteCells(cells ...Cell) {
	safe := make([]string, len(cells))
	for i, cell := range cells {
		if safe[i] = cell.Text; !cell.Number {
			safe[i] = Inert(cell.Text)
		}
	}
	_ = w.csv.Write(safe) // Flush tells
}

// Flush writes what is buffered, and tells the first error since the start.
func (w *Writer) Flush() error {
	w.csv.Flush()
	return w.csv.Error()
}

// Inert gives the cell with an apostrophe in front where a spreadsheet would take it for a formula. The full-width signs
// count: some take them for the narrow ones.
func Inert(cell string) string {
	if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r\n") {
		return "'" + cell
	}
	for _, sign := range []string{"＝", "＋", "－", "＠"} {
		if strings.HasPrefix(cell, sign) {
			return "'" + cell
		}
	}
	return cell
}
