package engine

import (
	"context"

	"github.com/tenantra/tenantra/tables"
)

// Result holds all rows of a statement.
type Result struct {
	Columns []string
	Rows    [][]tables.Value
}

// Collect runs a statement and keeps its rows. With an error it gives the rows that came before.
func Collect(ctx context.Context, e *Engine, s Statement) (*Result, *Stats, error) {
	result := &Result{}
	stats, err := e.Query(ctx, s, collector{result})
	return result, stats, err
}

type collector struct{ result *Result }

func (c collector) Columns(names []string) error {
	c.result.Columns = names
	return nil
}

func (c collector) Row(r *Row) error {
	row := make([]tables.Value, r.Len())
	for i := range row {
		row[i] = r.Value(i)
	}
	c.result.Rows = append(c.result.Rows, row)
	return nil
}
