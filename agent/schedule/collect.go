package schedule

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/queries/diff"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

// collector compares the rows of a result as they come, and keeps those that are new; of a snapshot it keeps all.
type collector struct {
	before   diff.State
	snapshot bool
	out      *outcome
	differ   *diff.Differ
	row      []tables.Value
}

func (c *collector) Columns(names []string) error {
	c.out.columns = slices.Clone(names)
	c.differ = diff.NewDiffer(c.before, c.out.columns)
	c.row = make([]tables.Value, len(names))
	return nil
}

func (c *collector) Row(r *engine.Row) error {
	for i := range c.row {
		c.row[i] = r.Value(i)
		if len(c.row[i].Text) > protocol.CellMax {
			return fmt.Errorf("row %d, column %s: a cell of %d bytes, more than the %d that can be stored", c.out.count+1, c.out.columns[i], len(c.row[i].Text), protocol.CellMax)
		}
	}
	diff.Storable(c.row)
	c.out.count++
	kept := c.differ.Row(c.row)
	if c.snapshot {
		c.out.rows = append(c.out.rows, c.row)
	}
	if kept || c.snapshot {
		c.row = make([]tables.Value, len(c.row))
	}
	return nil
}

// counter looks whether there is a row.
type counter struct{ rows int }

var errEnough = errors.New("one row is enough")

func (*counter) Columns([]string) error { return nil }

func (c *counter) Row(*engine.Row) error {
	c.rows++
	return errEnough
}
