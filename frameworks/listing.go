package frameworks

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/queries/document"
)

// listing is the product's own form of long lists, which is read a hundred times faster than YAML: lines "# name: value",
// then CSV with a header.
type listing struct {
	file  string
	about map[string]string
	rows  []listingRow
}

type listingRow struct {
	cells []string
	line  int
}

const listingRowsMax = 10_000

// readListing reads a file with exactly these names and columns. Its error is a *document.Error.
func readListing(file string, text []byte, about, columns []string) (*listing, error) {
	l := &listing{file: file, about: map[string]string{}}
	line := 1
	for {
		rest, ok := bytes.CutPrefix(text, []byte("# "))
		if !ok {
			break
		}
		head, body, _ := bytes.Cut(rest, []byte("\n"))
		name, value, ok := strings.Cut(string(head), ": ")
		if !ok || !slices.Contains(about, name) || l.about[name] != "" {
			return nil, l.at(line, "the head has one line for each of "+strings.Join(about, ", ")+": # name: value")
		}
		l.about[name] = strings.TrimSpace(value)
		text = body
		line++
	}
	for _, name := range about {
		if l.about[name] == "" {
			return nil, l.at(1, name+" is missing in the head")
		}
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = len(columns)
	for first := true; ; first = false {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			if first {
				return nil, l.at(line, "the header is missing")
			}
			return l, nil
		}
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			return nil, &document.Error{File: file, Line: line + wrong.Line - 1, Column: max(wrong.Column, 1), Message: wrong.Err.Error()}
		}
		if err != nil {
			return nil, l.at(line, err.Error())
		}
		row, _ := r.FieldPos(0)
		switch {
		case !first && len(l.rows) == listingRowsMax:
			return nil, l.at(line+row-1, fmt.Sprintf("there are more than %d lines", listingRowsMax))
		case !first:
			l.rows = append(l.rows, listingRow{cells, line + row - 1})
		case !slices.Equal(cells, columns):
			return nil, l.at(line, "the header is "+strings.Join(columns, ","))
		}
	}
}

func (l *listing) at(line int, message string) error {
	return &document.Error{File: l.file, Line: line, Column: 1, Message: message}
}
