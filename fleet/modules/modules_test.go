package modules_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tenantra/tenantra/fleet/modules"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/all"
)

// Every module's statement compiles wherever the table is, and reads nothing above the class that was allowed.
func TestEveryModuleCompilesOnItsPlatforms(t *testing.T) {
	t.Parallel()
	for _, platform := range []tables.Platforms{tables.Linux, tables.Darwin, tables.Windows} {
		e, err := engine.New(engine.Options{Tables: all.Tables(), Platform: platform})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		on := 0
		for _, m := range modules.All() {
			for _, allowed := range []tables.Class{tables.ClassInventory, tables.ClassPersonal, tables.ClassContent} {
				sql := m.SQL(platform, allowed)
				if sql == "" {
					continue
				}
				on++
				analysis, err := e.Check(sql)
				if err != nil {
					t.Errorf("%s on %s: %v", m.Table.Name, platform, err)
					continue
				}
				for _, read := range analysis.Reads {
					if read.Table == m.Table && read.Class() > allowed {
						t.Errorf("%s on %s reads class %s, %s is allowed", m.Table.Name, platform, read.Class(), allowed)
					}
				}
				if !slices.Equal(analysis.Columns, m.Columns(platform, allowed)) {
					t.Errorf("%s on %s gives %v", m.Table.Name, platform, analysis.Columns)
				}
			}
		}
		if on == 0 {
			t.Errorf("no module is on %s", platform)
		}
	}
}

func TestSecretColumnsAreNeverCollected(t *testing.T) {
	t.Parallel()
	for _, m := range modules.All() {
		for i := range m.Table.Columns() {
			if c := &m.Table.Columns()[i]; c.Class == tables.ClassSecret && m.Kept(c, tables.ClassSecret) {
				t.Errorf("%s.%s is collected", m.Table.Name, c.Name)
			}
		}
	}
}

func TestFindSaysWhyThereIsNone(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"nowhere": "no table", "file": "answers only for a given path or directory"} {
		if _, err := modules.Find(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	m, err := modules.Find("users")
	if err != nil || m.Collection() != "module:users" || !m.Default {
		t.Errorf("users: %+v, %v", m, err)
	}
	if table, ok := modules.OfCollection("module:users"); table != "users" || !ok {
		t.Errorf("the collection is of %q", table)
	}
}
