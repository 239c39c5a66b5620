package tables

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"sync"
)

// ErrStop is what emit returns when no further row is wanted. A generator returns it, wrapped or not, like any error.
var ErrStop = errors.New("no further rows are wanted")

// A Generator emits the rows that match a query, at least those; SQLite checks every constraint again. The row that emit
// gets is copied before emit returns, so one struct may serve for all rows. An error of emit is returned as it is.
type Generator[T any] func(ctx context.Context, host Host, q *Query, emit func(*T) error) error

// Table is a virtual table: a schema, and a generator where this build's platform has one.
type Table struct {
	Spec
	generators [3]generator // in the order of platformNames; nil where the build has none

	read    sync.Once // of what follows: few of some hundred tables are used by a short-lived program
	row     reflect.Type
	columns []Column
	byName  map[string]int
}

// generator is a Generator without its row type.
type generator func(emit func(row any) error) Run

// Run answers one query.
type Run func(ctx context.Context, host Host, q *Query) error

// Define makes a table of row type T. Where the generator is nil, or the spec's platforms leave that of this build out,
// the platform lacks the table: its schema is known, a query of it is an error. A Portable table's generator serves all
// platforms of the spec. A wrong tag is a mistake in the program, and panics when the columns are first asked for.
func Define[T any](spec Spec, generate Generator[T]) *Table {
	return defineAlike[*T](spec, generate)
}

// Generators has one generator for each system that is scanned. One that only reads files through its host stands in
// every build, so that a mounted image of that system can be scanned from another; one that calls the system is nil in the
// builds for others.
type Generators[T any] struct{ Linux, Darwin, Windows Generator[T] }

// OnBuild adds the generator for the system of this build where there is none yet: one that calls the system, and so
// serves no image of it in the builds for others.
func (g Generators[T]) OnBuild(generate Generator[T]) Generators[T] {
	switch build := BuildPlatform(); {
	case build == Linux && g.Linux == nil:
		g.Linux = generate
	case build == Darwin && g.Darwin == nil:
		g.Darwin = generate
	case build == Windows && g.Windows == nil:
		g.Windows = generate
	}
	return g
}

// DefineByPlatform makes a table whose sources differ by system. Else it is as Define.
func DefineByPlatform[T any](spec Spec, g Generators[T]) *Table {
	return defineEach[*T](spec, g.Linux, g.Darwin, g.Windows)
}

// What follows is generic over the pointer to a row: the compiler makes it once for all pointers, but once for each of some
// hundred structures, with their tags in the names of what it makes.

// untyped takes the row type from a generator.
func untyped[P any](generate func(context.Context, Host, *Query, func(P) error) error) generator {
	if generate == nil {
		return nil
	}
	return func(emit func(any) error) Run {
		typed := func(row P) error { return emit(row) }
		return func(ctx context.Context, host Host, q *Query) error { return generate(ctx, host, q, typed) }
	}
}

// defineEach makes a table with a generator a platform.
func defineEach[P any](spec Spec, linux, darwin, windows func(context.Context, Host, *Query, func(P) error) error) *Table {
	return define(spec, reflect.TypeFor[P]().Elem(), [3]generator{untyped(linux), untyped(darwin), untyped(windows)})
}

// defineAlike makes a table with one generator for all platforms that it serves.
func defineAlike[P any](spec Spec, generate func(context.Context, Host, *Query, func(P) error) error) *Table {
	g := untyped(generate)
	t := define(spec, reflect.TypeFor[P]().Elem(), [3]generator{g, g, g})
	for i, n := range platformNames {
		if !spec.Portable && n.platform != BuildPlatform() {
			t.generators[i] = nil
		}
	}
	return t
}

func define(spec Spec, row reflect.Type, generators [3]generator) *Table {
	t := &Table{Spec: spec, row: row}
	for i, n := range platformNames {
		if spec.Platforms.Has(n.platform) {
			t.generators[i] = generators[i]
		}
	}
	return t
}

// BuildPlatform is the platform of this build; none where no agent runs.
func BuildPlatform() Platforms {
	for _, n := range platformNames {
		if n.name == runtime.GOOS {
			return n.platform
		}
	}
	return 0
}

// DefineValues makes a table whose columns are only known at run time; a row is one Value a column. The columns' Offset
// and Kind are set here.
func DefineValues(spec Spec, columns []Column, generate func(ctx context.Context, host Host, q *Query, emit func([]Value) error) error) *Table {
	columns = slices.Clone(columns)
	for i := range columns {
		columns[i].Kind = KindValue
		columns[i].Offset = uintptr(i) * reflect.TypeFor[Value]().Size()
	}
	t := &Table{Spec: spec, columns: columns}
	for i := range t.generators {
		if !spec.Platforms.Has(platformNames[i].platform) {
			continue
		}
		t.generators[i] = func(emit func(any) error) Run {
			values := func(row []Value) error {
				if len(row) != len(columns) {
					return fmt.Errorf("table %s: a row has %d values for %d columns", spec.Name, len(row), len(columns))
				}
				return emit(&row[0])
			}
			return func(ctx context.Context, host Host, q *Query) error { return generate(ctx, host, q, values) }
		}
	}
	return t
}

// Columns gives the table's columns in their order. Callers must not change the slice.
func (t *Table) Columns() []Column {
	t.read.Do(t.readColumns)
	return t.columns
}

func (t *Table) readColumns() {
	if t.row != nil {
		columns, err := columnsOf(t.row, 0)
		if err != nil {
			panic(fmt.Sprintf("table %s: %v", t.Name, err))
		}
		t.columns = columns
	}
	t.byName = make(map[string]int, len(t.columns))
	for i := range t.columns {
		for _, name := range append([]string{t.columns[i].Name}, t.columns[i].Aliases...) {
			if _, twice := t.byName[name]; twice {
				panic(fmt.Sprintf("table %s: column %s is declared twice", t.Name, name))
			}
			t.byName[name] = i
		}
	}
}

// fewColumns are found faster by looking at each than by their hash; generators ask for columns at each run.
const fewColumns = 8

// Column gives the position of a column by its name or alias, or -1.
func (t *Table) Column(name string) int {
	columns := t.Columns()
	if len(columns) <= fewColumns {
		for i := range columns {
			if columns[i].Name == name {
				return i
			}
		}
	}
	if i, ok := t.byName[name]; ok {
		return i
	}
	return -1
}

// Available tells whether this build has a generator for the table on its own system.
func (t *Table) Available() bool { return t.AvailableOn(BuildPlatform()) }

// AvailableOn tells whether this build has a generator for the table of one scanned system: its own, or that of a mounted
// image.
func (t *Table) AvailableOn(platform Platforms) bool { return t.generator(platform) != nil }

func (t *Table) generator(platform Platforms) generator {
	for i, n := range platformNames {
		if n.platform == platform {
			return t.generators[i]
		}
	}
	return nil
}

// Bind ties the generator for a platform to where its rows go, once for any number of runs; nil where the build has none.
// Each row given to emit is a pointer to the row struct (or to the first Value of a row), valid until emit returns. Only
// the engine and the test kit call it.
func (t *Table) Bind(platform Platforms, emit func(row any) error) Run {
	bind := t.generator(platform)
	if bind == nil {
		return nil
	}
	return bind(emit)
}

// Generate binds and runs the generator for the host's platform once.
func (t *Table) Generate(ctx context.Context, host Host, q *Query, emit func(row any) error) error {
	platform := BuildPlatform()
	if host != nil {
		platform = host.Platform()
	}
	run := t.Bind(platform, emit)
	if run == nil {
		return fmt.Errorf("table %s: %w on this platform", t.Name, errors.ErrUnsupported)
	}
	return run(ctx, host, q)
}
