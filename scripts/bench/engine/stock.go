package main

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"sync/atomic"

	"modernc.org/sqlite"
	"modernc.org/sqlite/vtab"
)

// stock is the driver and its vtab package, used as their documentation says: rows as typed structs, Column returns the
// value, constraints by BestIndex.
type stock struct{ db *sql.DB }

var driverNumber atomic.Int32

// openDriver makes a driver of its own, since modules belong to a driver, with one connection.
func openDriver(modules map[string]vtab.Module) (*stock, error) {
	d := &sqlite.Driver{}
	name := fmt.Sprint("bench", driverNumber.Add(1))
	sql.Register(name, d)
	db, err := sql.Open(name, ":memory:")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	for name, module := range modules {
		if err := vtab.RegisterModule(db, name, module); err != nil {
			return nil, err
		}
	}
	for name := range modules {
		if _, err := db.Exec("CREATE VIRTUAL TABLE temp." + name + " USING " + name); err != nil { //lint:allow constantSQL the benchmark makes the text from its own schema
			return nil, err
		}
	}
	return &stock{db}, nil
}

func newStock() (subject, error) {
	return openDriver(map[string]vtab.Module{
		"t":      module[wide]{schema: wideSchema(), rows: wides, column: wideColumn},
		"files":  module[file]{schema: "path TEXT, size BIGINT", rows: files, column: fileColumn},
		"hashes": module[hash]{schema: "path TEXT, digest TEXT", column: hashColumn, look: lookHash},
	})
}

func openStock() (subject, error) {
	modules := map[string]vtab.Module{}
	for i := range smallCount {
		modules[fmt.Sprint("small_", i)] = module[small]{
			schema: "a BIGINT, b TEXT, c TEXT, d BIGINT, e TEXT, f BIGINT, g TEXT, h TEXT",
			rows:   []small{{A: 1}}, column: smallColumn,
		}
	}
	return openDriver(modules)
}

func (s *stock) close() error { return s.db.Close() }

func (s *stock) query(text string) (n int, err error) {
	rows, err := s.db.Query(text) //lint:allow constantSQL one of the constant statements of the list
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		return 0, err
	}
	values, targets := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		targets[i] = &values[i]
	}
	sum := int64(0)
	for rows.Next() {
		n++
		if err := rows.Scan(targets...); err != nil {
			return 0, err
		}
		for _, v := range values {
			switch v := v.(type) {
			case int64:
				sum += v
			case float64:
				sum += int64(v)
			case string:
				sum += int64(len(v))
			}
		}
	}
	return n, rows.Err()
}

type module[T any] struct {
	schema string
	rows   []T
	column func(*T, int) driver.Value
	look   func(key string) []T // instead of rows, by the first column
}

func (m module[T]) Create(ctx vtab.Context, _ []string) (vtab.Table, error) {
	if err := ctx.Declare("CREATE TABLE x(" + m.schema + ")"); err != nil {
		return nil, err
	}
	return m, nil
}

func (m module[T]) Connect(ctx vtab.Context, args []string) (vtab.Table, error) {
	return m.Create(ctx, args)
}

func (m module[T]) BestIndex(info *vtab.IndexInfo) error {
	info.EstimatedRows, info.EstimatedCost = int64(len(m.rows)), float64(len(m.rows))
	if m.look == nil {
		return nil
	}
	info.EstimatedRows, info.EstimatedCost = 1e12, 1e12
	for i := range info.Constraints {
		c := &info.Constraints[i]
		if c.Usable && c.Column == 0 && c.Op == vtab.OpEQ {
			c.ArgIndex = 0
			info.IdxNum, info.EstimatedRows, info.EstimatedCost = 1, 1, 1
			break
		}
	}
	return nil
}

func (m module[T]) Open() (vtab.Cursor, error) { return &cursor[T]{module: m}, nil }
func (m module[T]) Disconnect() error          { return nil }
func (m module[T]) Destroy() error             { return nil }

type cursor[T any] struct {
	module module[T]
	rows   []T
	at     int
}

// VolatileArgs spares the copy of arguments: lookHash keeps none.
func (c *cursor[T]) VolatileArgs() bool { return true }

func (c *cursor[T]) Filter(index int, _ string, values []vtab.Value) error {
	c.at, c.rows = 0, c.module.rows
	if c.module.look == nil {
		return nil
	}
	if index != 1 {
		return fmt.Errorf("the path is required")
	}
	c.rows = c.module.look(values[0].(string))
	return nil
}

func (c *cursor[T]) Next() error {
	c.at++
	return nil
}

func (c *cursor[T]) Eof() bool                        { return c.at >= len(c.rows) }
func (c *cursor[T]) Column(i int) (vtab.Value, error) { return c.module.column(&c.rows[c.at], i), nil }
func (c *cursor[T]) Rowid() (int64, error)            { return int64(c.at), nil }
func (c *cursor[T]) Close() error                     { return nil }

func lookHash(path string) []hash {
	digest, ok := digests[path]
	if !ok {
		return nil
	}
	return []hash{{strings.Clone(path), digest}}
}

func wideSchema() string {
	var columns []string
	for i := range 10 {
		columns = append(columns, fmt.Sprintf("i%d BIGINT", i))
	}
	for i := range 10 {
		columns = append(columns, fmt.Sprintf("s%d TEXT", i))
	}
	return strings.Join(columns, ", ")
}

func wideColumn(r *wide, i int) driver.Value {
	switch i {
	case 0:
		return r.I0
	case 1:
		return r.I1
	case 2:
		return r.I2
	case 3:
		return r.I3
	case 4:
		return r.I4
	case 5:
		return r.I5
	case 6:
		return r.I6
	case 7:
		return r.I7
	case 8:
		return r.I8
	case 9:
		return r.I9
	case 10:
		return r.S0
	case 11:
		return r.S1
	case 12:
		return r.S2
	case 13:
		return r.S3
	case 14:
		return r.S4
	case 15:
		return r.S5
	case 16:
		return r.S6
	case 17:
		return r.S7
	case 18:
		return r.S8
	default:
		return r.S9
	}
}

func fileColumn(r *file, i int) driver.Value {
	if i == 0 {
		return r.Path
	}
	return r.Size
}

func hashColumn(r *hash, i int) driver.Value {
	if i == 0 {
		return r.Path
	}
	return r.Digest
}

func smallColumn(r *small, i int) driver.Value {
	switch i {
	case 0:
		return r.A
	case 3:
		return r.D
	case 5:
		return r.F
	}
	return r.B
}
