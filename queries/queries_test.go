package queries_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/queries"
	"github.com/tenantra/tenantra/queries/document"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/all"
)

func compilers(t testing.TB) queries.Compilers {
	t.Helper()
	c := queries.Compilers{}
	for _, p := range []tables.Platforms{tables.Linux, tables.Darwin, tables.Windows} {
		e, err := engine.New(engine.Options{Tables: all.Tables(), Platform: p})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = e.Close() })
		c[p] = e
	}
	return c
}

// Every query of the library compiles on its platforms, and runs on this machine where it is for it.
func TestLibrary(t *testing.T) {
	t.Parallel()
	found, err := queries.Load(queries.Embedded(), compilers(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 20 {
		t.Errorf("there are %d queries", len(found))
	}
	h, err := host.New("/", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.New(engine.Options{Tables: all.Tables(), Host: h})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	here, err := tables.ParsePlatforms(runtime.GOOS)
	if err != nil {
		t.Skip(err)
	}
	for _, q := range found {
		if q.Class > tables.ClassPersonal {
			t.Errorf("%s reads %s columns, which are off by default", q.ID, q.Class)
		}
		if len(q.Tags) == 0 {
			t.Errorf("%s has no tags", q.ID)
		}
		if !q.Platforms.Has(here) {
			continue
		}
		result, _, err := engine.Collect(t.Context(), e, engine.Statement{SQL: q.SQL, Limits: engine.ScheduledLimits})
		var limit *engine.LimitError
		if err != nil && !errors.As(err, &limit) {
			t.Errorf("%s: %v", q.ID, err)
		} else if err == nil && strings.Join(result.Columns, ",") != strings.Join(q.Columns, ",") {
			t.Errorf("%s gives %v, Check said %v", q.ID, result.Columns, q.Columns)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	head := "-- name: A\n-- description: B.\n-- platforms: linux\n"
	for _, c := range []struct{ text, want string }{
		{head + "SELECT 1,\n  id FROM users", "a.sql:5:3: on linux: no such column: id"},
		{head, "a.sql:4:1: "},
		{"SELECT 1", "the head has name"},
		{"-- name: A\n-- platforms: linux\nSELECT 1", "the head has name"},
		{"-- name: A\n-- name: B\nSELECT 1", "a.sql:2:4: name is there twice"},
		{"-- nmae: A\nSELECT 1", `a.sql:1:4: unknown key "nmae"`},
		{"-- just a comment\nSELECT 1", "a.sql:1:1: a line of the head is -- key: value"},
		{"-- platforms: beos\nSELECT 1", "a.sql:1:4: unknown platform"},
		{strings.Replace(head, "linux", "windows", 1) + "SELECT * FROM shadow", "on windows: "},
		{head + "DELETE FROM users", "a.sql:4:"},
		{head + strings.Repeat(" ", 70<<10), "at most 65536"},
	} {
		found, err := queries.Load(fstest.MapFS{"a.sql": {Data: []byte(c.text)}}, compilers(t))
		var placed *document.Error
		if found != nil || !errors.As(err, &placed) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60q: error %v, want one with %q", c.text, err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("-- name: A\n-- description: B\n-- platforms: linux\n-- tags: x\nSELECT 1"))
	c := compilers(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		_, err := queries.Parse("f.sql", text, c)
		var placed *document.Error
		if err != nil && !errors.As(err, &placed) {
			t.Errorf("%q: error %v has no place", text, err)
		}
	})
}
