package all

import (
	"testing"
	"time"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

func newEngine(t *testing.T, options engine.Options) *engine.Engine {
	t.Helper()
	options.Tables = Tables()
	e, err := engine.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// TestExamplesCompile checks each example on a platform that the table is on.
func TestExamplesCompile(t *testing.T) {
	t.Parallel()
	for _, platform := range []tables.Platforms{tables.Linux, tables.Darwin, tables.Windows} {
		e := newEngine(t, engine.Options{Platform: platform})
		for _, table := range On(platform) {
			for _, example := range table.Examples {
				// A table's examples may join one that is not on all of its platforms; one platform must take them.
				if _, err := e.Check(example); err != nil && firstOf(table.Platforms) == platform {
					t.Errorf("table %s on %s: %q: %v", table.Name, platform, example, err)
				}
			}
		}
	}
}

// firstOf is the first of a set of platforms.
func firstOf(set tables.Platforms) tables.Platforms { return set & -set }

type discard struct{}

func (discard) Columns([]string) error { return nil }
func (discard) Row(*engine.Row) error  { return nil }

// TestExamplesRun runs the examples of tables that this machine answers without opening connections or walking its files.
func TestExamplesRun(t *testing.T) {
	t.Parallel()
	h, err := host.New("/", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	e := newEngine(t, engine.Options{Host: h})
	for _, table := range Tables() {
		if !table.Available() || table.Network || table.Cost == tables.Expensive {
			continue
		}
		for _, example := range table.Examples {
			limits := engine.NoLimits
			limits.Time = time.Minute
			if _, err := e.Query(t.Context(), engine.Statement{SQL: example, Limits: limits}, discard{}); err != nil {
				t.Errorf("table %s: %q: %v", table.Name, example, err)
			}
		}
	}
}
