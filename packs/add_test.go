package packs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tenantra/tenantra/packs"
	"github.com/tenantra/tenantra/tables"
)

func TestAddQueryLeavesTheRestAsItIs(t *testing.T) {
	t.Parallel()
	q := packs.ScheduledQuery{Name: "os", SQL: "SELECT name\nFROM os_version", Description: "what: it is", Interval: time.Hour, Platforms: tables.Linux, Mode: packs.Snapshot, Shard: 100, Denylist: true}
	for name, test := range map[string]struct {
		text string
		want []string // in this order
		gone string
	}{
		"a further one":       {"# kept\npack: p\nqueries:\n  a: # why\n    sql: SELECT 1 AS n # one\n", []string{"# kept", "pack: p", "# why", "# one", "os:", "platforms: [linux]"}, "\x00"},
		"in place of another": {"pack: p\nqueries:\n  os:\n    sql: SELECT 2 AS old\n  z:\n    sql: SELECT 3 AS n\n", []string{"os:", "FROM os_version", "z:"}, "old"},
		"wider indentation":   {"pack: p\nqueries:\n    a:\n        sql: |\n            SELECT 1 AS n\n", []string{"a:", "os:"}, "\x00"},
		"what follows":        {"queries:\n  a:\n    sql: SELECT 1 AS n\n\n# of the name\npack: p\n", []string{"a:", "os:", "# of the name", "pack: p"}, "\x00"},
		"between others":      {"pack: p\nqueries:\n  a: {sql: SELECT 1 AS n}\n  os: {sql: SELECT 2 AS old}\n  # of z\n  z: {sql: SELECT 3 AS n}", []string{"a:", "os:", "# of z", "z:"}, "old"},
	} {
		got, err := packs.AddQuery(test.text, q)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		rest := got
		for _, want := range test.want {
			_, after, found := strings.Cut(rest, want)
			if !found {
				t.Errorf("%s: %q is missing or out of order in\n%s", name, want, got)
			}
			rest = after
		}
		if strings.Contains(got, test.gone) {
			t.Errorf("%s: %q is still in\n%s", name, test.gone, got)
		}
		p, err := packs.Parse("p.yaml", []byte(got), compilers(t))
		if err != nil {
			t.Errorf("%s: the result does not read: %v\n%s", name, err, got)
			continue
		}
		for _, read := range p.Queries {
			if read.Name == "os" && (read.SQL != q.SQL || read.Mode != q.Mode || read.Platforms != tables.Linux || read.Description != q.Description) {
				t.Errorf("%s: read back as %+v", name, read)
			}
		}
	}
	for _, text := range []string{"", "pack: p", "queries: 1", "a: [", "queries: {a: {sql: SELECT 1 AS n}}", "pack: p\n---\npack: q\n"} {
		if got, err := packs.AddQuery(text, q); err == nil {
			t.Errorf("%q became %q", text, got)
		}
	}
}
