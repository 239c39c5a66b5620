package main

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"text/tabwriter"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/internal/spreadsheet"
	"github.com/tenantra/tenantra/internal/terminal"
)

// column is one column of a list as people see it. JSON and YAML show the whole object instead.
type column[T any] struct {
	name string
	cell func(T) string
}

// printList writes a list in the chosen format. An error ends the list after what came before it.
func printList[T any](c *cli.Context, items iter.Seq2[T, error], columns []column[T]) error {
	format, w := c.String("output"), c.App.Writer
	switch format {
	case "json", "yaml":
		all := []T{}
		for item, err := range items {
			if err != nil {
				return err
			}
			all = append(all, item)
		}
		return printValue(w, format, all)
	case "table", "csv":
		row, flush := rowWriter(w, format)
		names := make([]string, len(columns))
		for i, col := range columns {
			names[i] = col.name
		}
		row(names)
		for item, err := range items {
			if err != nil {
				flush()
				return err
			}
			cells := make([]string, len(columns))
			for i, col := range columns {
				cells[i] = col.cell(item)
			}
			row(cells)
		}
		return flush()
	default:
		return usageError(fmt.Sprintf("output %q: use table, json, yaml or csv", format))
	}
}

// printObject writes one object in the chosen format; table and csv show its columns as name and value.
func printObject[T any](c *cli.Context, item T, columns []column[T]) error {
	format, w := c.String("output"), c.App.Writer
	if format == "json" || format == "yaml" {
		return printValue(w, format, item)
	}
	if format != "table" && format != "csv" {
		return usageError(fmt.Sprintf("output %q: use table, json, yaml or csv", format))
	}
	row, flush := rowWriter(w, format)
	for _, col := range columns {
		row([]string{col.name, col.cell(item)})
	}
	return flush()
}

func printValue(w io.Writer, format string, v any) error {
	if format == "yaml" {
		// By way of JSON, so that both show the same names.
		text, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("write yaml: %w", err)
		}
		out, err := yaml.JSONToYAML(text)
		if err != nil {
			return fmt.Errorf("write yaml: %w", err)
		}
		_, err = w.Write(out)
		return err
	}
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write json: %w", err)
	}
	_, err = fmt.Fprintf(w, "%s\n", terminal.AppendJSON(nil, text))
	return err
}

// rowWriter writes rows of cells as an aligned table for terminals or as CSV for spreadsheets.
func rowWriter(w io.Writer, format string) (row func([]string), flush func() error) {
	if format == "csv" {
		out := spreadsheet.NewWriter(w)
		return func(cells []string) { out.Write(cells...) }, out.Flush
	}
	out := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	return func(cells []string) {
		for i, cell := range cells {
			if i > 0 {
				fmt.Fprint(out, "\t")
			}
			fmt.Fprint(out, terminal.Escape(cell))
		}
		fmt.Fprintln(out)
	}, out.Flush
}

// ago is how long ago a time was, for tables; JSON keeps the time itself.
func ago(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	switch d := time.Since(t); {
	case d < time.Minute:
		return fmt.Sprintf("%d s ago", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	default:
		return fmt.Sprintf("%d d ago", int(d.Hours()/24))
	}
}
