package alertrules

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

// limits of one evaluation's SQL: it runs on rows that are in memory, for one agent.
var limits = engine.Limits{Time: 2 * time.Second, CPU: time.Second, Rows: rowsMax, Bytes: 16 << 20, Heap: 64 << 20}

const enginesMax = 64 // open at once

// schema is a table that a rule's SQL may read.
type schema struct {
	table   string
	columns []string
}

// Compiler holds the engines that rules' SQL runs on: one for each set of tables, since rules that look at the same
// collections share it. It is safe for concurrent use.
type Compiler struct {
	mu      sync.RWMutex // held for reading while a statement runs, so that no engine is closed under it
	engines map[string]*list.Element
	recent  *list.List // of opened, the one used last in front
	order   sync.Mutex // of recent
}

type opened struct {
	key    string
	engine *engine.Engine
}

// NewCompiler makes a compiler without engines.
func NewCompiler() *Compiler {
	return &Compiler{engines: map[string]*list.Element{}, recent: list.New()}
}

// Close frees the engines. Rules cannot be judged afterwards.
func (c *Compiler) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var errs []error
	for _, element := range c.engines {
		errs = append(errs, element.Value.(*opened).engine.Close())
	}
	c.engines = nil
	return errors.Join(errs...)
}

// with calls fn with the engine of a set of tables, which stays open until fn returns.
func (c *Compiler) with(schemas []schema, fn func(*engine.Engine) error) error {
	key := keyOf(schemas)
	for {
		c.mu.RLock()
		if c.engines == nil {
			c.mu.RUnlock()
			return errors.New("the rules' engines are closed")
		}
		if element, ok := c.engines[key]; ok {
			c.order.Lock()
			c.recent.MoveToFront(element)
			c.order.Unlock()
			err := fn(element.Value.(*opened).engine)
			c.mu.RUnlock()
			return err
		}
		c.mu.RUnlock()
		if err := c.open(key, schemas); err != nil {
			return err
		}
	}
}

func (c *Compiler) open(key string, schemas []schema) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.engines[key]; ok || c.engines == nil {
		return nil
	}
	var list []*tables.Table
	for _, s := range schemas {
		list = append(list, tableOf(s))
	}
	e, err := engine.New(engine.Options{Tables: list, Platform: tables.Linux, Pool: 2})
	if err != nil {
		return fmt.Errorf("open engine of rules: %w", err)
	}
	for len(c.engines) >= enginesMax {
		oldest := c.recent.Back()
		c.recent.Remove(oldest)
		old := oldest.Value.(*opened)
		delete(c.engines, old.key)
		if err := old.engine.Close(); err != nil {
			return fmt.Errorf("close engine of rules: %w", err)
		}
	}
	c.engines[key] = c.recent.PushFront(&opened{key, e})
	return nil
}

func keyOf(schemas []schema) string {
	var b strings.Builder
	for _, s := range schemas {
		fmt.Fprintf(&b, "%q%q;", s.table, s.columns)
	}
	return b.String()
}

// rowsKey finds the rows of the evaluation that runs in its context.
type rowsKey struct{}

// tableOf makes a table whose rows come with the evaluation.
func tableOf(s schema) *tables.Table {
	columns := make([]tables.Column, len(s.columns))
	for i, name := range s.columns {
		// Declared as blobs, the columns have no affinity: SQLite compares the cells as they are, numbers with numbers.
		columns[i] = tables.Column{Name: name, Doc: "Of the collection.", Type: tables.Blob}
	}
	spec := tables.Spec{Name: s.table, Doc: "Rows of one agent.", Category: tables.Alerting, Platforms: tables.AllPlatforms, Cost: tables.Cheap, Portable: true}
	return tables.DefineValues(spec, columns, func(ctx context.Context, _ tables.Host, _ *tables.Query, emit func([]tables.Value) error) error {
		given, _ := ctx.Value(rowsKey{}).(map[string][][]tables.Value)
		for _, row := range given[s.table] {
			if err := emit(row); err != nil {
				return err
			}
		}
		return nil
	})
}

// columns compiles a statement and gives the columns of its result.
func (c *Compiler) columns(schemas []schema, sql string) (columns []string, err error) {
	err = c.with(schemas, func(e *engine.Engine) error {
		analysis, err := e.Check(sql)
		if err == nil {
			columns = analysis.Columns
		}
		return err
	})
	return columns, err
}

// run runs a statement over rows.
func (c *Compiler) run(ctx context.Context, schemas []schema, sql string, rows map[string][][]tables.Value) (result *engine.Result, err error) {
	err = c.with(schemas, func(e *engine.Engine) error {
		result, _, err = engine.Collect(context.WithValue(ctx, rowsKey{}, rows), e, engine.Statement{SQL: sql, Limits: limits})
		return err
	})
	return result, err
}
