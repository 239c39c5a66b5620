package drift_test

import (
	"strings"
	"testing"

	"github.com/tenantra/tenantra/packs"
	"github.com/tenantra/tenantra/packs/drift"
	"github.com/tenantra/tenantra/queries"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/all"
)

// inventory knows the product's own collections.
func inventory(t *testing.T) func(string) ([]string, bool) {
	t.Helper()
	compilers := queries.Compilers{}
	for _, platform := range []tables.Platforms{tables.Linux, tables.Darwin, tables.Windows} {
		e, err := engine.New(engine.Options{Tables: all.Tables(), Platform: platform})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = e.Close() })
		compilers[platform] = e
	}
	loaded, err := packs.Load(packs.Embedded(), compilers)
	if err != nil {
		t.Fatal(err)
	}
	columns := map[string][]string{}
	for _, p := range loaded {
		for _, q := range p.Queries {
			columns[p.Collection(q.Name)] = q.Columns
		}
	}
	for _, table := range all.Tables() {
		for _, c := range table.Columns() {
			columns["module:"+table.Name] = append(columns["module:"+table.Name], c.Name)
		}
	}
	return func(name string) ([]string, bool) {
		c, ok := columns[name]
		return c, ok
	}
}

func TestDefaultPolicyFitsTheProductsPacks(t *testing.T) {
	t.Parallel()
	p, err := drift.Default(inventory(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Watches) < 10 || !p.Watches["pack:inventory/users"].Novel {
		t.Errorf("%d watches", len(p.Watches))
	}
}

func TestMistakesHaveTheirPlace(t *testing.T) {
	t.Parallel()
	known := func(name string) ([]string, bool) { return []string{"a", "b"}, name == "pack:p/q" }
	for _, c := range []struct{ text, want string }{
		{"collections:\n  pack:p/x: {columns: [a]}\n", "p.yaml:2:3: nothing collects pack:p/x"},
		{"collections:\n  pack:p/q: {columns: [c]}\n", "p.yaml:2:24: pack:p/q has no column c; it has a, b"},
		{"collections:\n  pack:p/q:\n    columns: [a]\n    key: [b]\n", "p.yaml:4:11: a column of the key"},
		{"collections:\n  pack:p/q:\n    columns: [a]\n    normalise: {a: rot13}\n", "p.yaml:4:20: a normaliser is"},
		{"collections:\n  pack:p/q: {}\n", "columns names what counts"},
	} {
		if _, err := drift.Parse("p.yaml", []byte(c.text), known); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.text, err, c.want)
		}
	}
}

func text(rows ...string) [][]tables.Value {
	var out [][]tables.Value
	for _, row := range rows {
		var cells []tables.Value
		for _, cell := range strings.Split(row, "|") {
			cells = append(cells, tables.TextValue(cell))
		}
		out = append(out, cells)
	}
	return out
}

func TestCompareTellsChangesFromComingsAndGoings(t *testing.T) {
	t.Parallel()
	w := &drift.Watch{Columns: []string{"name", "version"}, Key: []string{"name"}, Normalise: map[string]drift.Normaliser{"name": drift.Lower}}
	columns := []string{"pid", "name", "version"}
	before := w.Reduce(columns, text("1|bash|5.1", "2|curl|8", "3|vim|9"))
	after := w.Reduce(columns, text("7|BASH|5.2", "8|curl|8", "9|nano|1", "10|nano|1"))
	var got []string
	for _, c := range w.Compare(before, after) {
		line := c.Kind + " " + c.Value.Text
		if c.Was != nil {
			line += " was " + c.Was.Text
		}
		got = append(got, line)
	}
	want := `removed ["vim","9"]
changed ["bash","5.2"] was ["bash","5.1"]
added ["nano","1"]`
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	if same := w.Compare(after, after); len(same) != 0 {
		t.Errorf("equal sets differ: %v", same)
	}
}

func TestNormalisersTakeAwayWhatChangesByItself(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n        drift.Normaliser
		in, want string
	}{
		{drift.Digits, "session-128.scope", "session-#.scope"},
		{drift.Random, "/run/x/9f1c2d3e-0000-4000-8000-0123456789ab/a", "/run/x/*/a"},
		{drift.Random, "/var/lib/docker/overlay2/0123456789abcdef0123/merged", "/var/lib/docker/overlay2/*/merged"},
		{drift.Random, "/usr/bin/facade", "/usr/bin/facade"},
		{drift.Random, "/tmp/go-build2999410737/b001/x.test", "/tmp/go-build*/b001/x.test"},
		{drift.Random, "/usr/lib/postgresql/15/bin/postgres", "/usr/lib/postgresql/15/bin/postgres"},
		{drift.Home, "/home/ada/bin/x", "~/bin/x"},
		{drift.Home, `C:\Users\Ada\x`, `~\x`},
		{drift.Lower, "ABC", "abc"},
	} {
		w := &drift.Watch{Columns: []string{"a"}, Normalise: map[string]drift.Normaliser{"a": c.n}}
		if got := w.Reduce([]string{"a"}, text(c.in))[0].Cells[0].Text; got != c.want {
			t.Errorf("%s of %q is %q, want %q", c.n, c.in, got, c.want)
		}
	}
}
