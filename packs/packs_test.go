package packs_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/packs"
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

// What the product ships compiles on every platform that it names.
func TestEmbedded(t *testing.T) {
	t.Parallel()
	found, err := packs.Load(packs.Embedded(), compilers(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatal("there are no packs")
	}
	for _, p := range found {
		if p.Description == "" || len(p.Notes) > 0 {
			t.Errorf("%s has no description, or notes: %v", p.Name, p.Notes)
		}
		for _, q := range p.Queries {
			if q.Class > tables.ClassPersonal {
				t.Errorf("%s reads %s columns, which are off by default", p.Collection(q.Name), q.Class)
			}
			if q.Description == "" {
				t.Errorf("%s has no description", p.Collection(q.Name))
			}
		}
	}
}

// brief is what most tests compare.
type brief struct {
	Name, SQL string
	Interval  time.Duration
	Platforms string
	Mode      packs.Mode
	Shard     int
	Denylist  bool
}

func briefs(p *packs.Pack) []brief {
	var out []brief
	for _, q := range p.Queries {
		out = append(out, brief{q.Name, strings.TrimSpace(q.SQL), q.Interval, q.Platforms.String(), q.Mode, q.Shard, q.Denylist})
	}
	return out
}

func TestParse(t *testing.T) {
	t.Parallel()
	p, err := packs.Parse("mine.yaml", []byte(`pack: mine
title: Mine
platforms: [linux, darwin]
discovery: [SELECT 1 FROM users WHERE uid = 0]
queries:
  b:
    sql: SELECT uid FROM users
    interval: 5m
    mode: snapshot
    shard: 10
    denylist: false
  a:
    sql: |
      SELECT username, max FROM shadow
    platforms: [linux]
`), compilers(t))
	if err != nil {
		t.Fatal(err)
	}
	want := []brief{
		{"a", "SELECT username, max FROM shadow", time.Hour, "linux", packs.Differential, 100, true},
		{"b", "SELECT uid FROM users", 5 * time.Minute, "linux,darwin", packs.Snapshot, 10, false},
	}
	if diff := cmp.Diff(want, briefs(p)); diff != "" {
		t.Error(diff)
	}
	a := p.Queries[0]
	if p.Collection("a") != "pack:mine/a" || a.Class != tables.ClassPersonal || strings.Join(a.Columns, " ") != "username max" || p.Shard != 100 {
		t.Errorf("got %+v", p)
	}
	if pack, query, ok := packs.OfCollection("pack:mine/a"); pack != "mine" || query != "a" || !ok {
		t.Errorf("got %q, %q, %v", pack, query, ok)
	}
	if _, _, ok := packs.OfCollection("check:mine"); ok {
		t.Error("a check's collection is taken for a pack's")
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	query := "pack: p\nqueries:\n  a:\n    sql: SELECT uid FROM users\n"
	for _, c := range []struct{ text, want string }{
		{"pack: p\nqueries:\n  a:\n    sql: SELECT id FROM users\n", "p.yaml:4:17: on linux: no such column: id"},
		{"pack: p\nqueries:\n  a:\n    sql: SELECT 1 FROM nothing\n", "p.yaml:4:"},
		{"pack: p\nqueries:\n  a:\n    sql: SELECT 1 FROM shadow\n    platforms: [linux, darwin]\n", "on darwin: "},
		{query + "    intervall: 1m\n", `p.yaml:5:5: unknown field "intervall"`},
		{query + "    interval: 100ms\n", "p.yaml:5:15: interval is 1s to 168h0m0s"},
		{query + "    interval: 1000h\n", "interval is 1s to 168h0m0s"},
		{query + "    mode: sometimes\n", "p.yaml:5:11: mode is differential, snapshot or append"},
		{query + "    shard: 101\n", "p.yaml:5:12: shard is a percentage"},
		{query + "    platforms: [beos]\n", "p.yaml:5:16: unknown platform"},
		{query + "shard: -1\n", "p.yaml:5:8: shard is a percentage"},
		{query + "platforms: [linux]\ndiscovery: [SELECT x]\n", "p.yaml:6:20: on linux: no such column: x"},
		{"pack: p\nplatforms: [windows]\nqueries:\n  a: {sql: SELECT 1, platforms: [linux]}\n", "the query's platforms are none of the pack's"},
		{"pack: p\nqueries:\n  a: {interval: 1m}\n", "the query has no SQL"},
		{"pack: p\nqueries:\n  a/b: {sql: SELECT 1}\n", "a query's name has letters"},
		{"pack: p q\nqueries:\n  a: {sql: SELECT 1}\n", "1:7: the pack's name has letters"},
		{"pack: p\n", "a pack has 1 to 1000 queries; this one has 0"},
		{"pack: p\nqueries:\n  a: &x {sql: SELECT 1}\n  b: *x\n", "anchors"},
		{"pack: p\nqueries:\n  a: {sql: SELECT 1}\n  a: {sql: SELECT 2}\n", "already defined"},
		{"pack: !!python/object:os p\n", "tags"},
		{"pack: p\nqueries:\n  a: {sql: " + strings.Repeat("x", 70<<10) + "}\n", "at most 65536 are allowed"},
	} {
		p, err := packs.Parse("p.yaml", []byte(c.text), compilers(t))
		wantError(t, p, err, c.text, c.want)
	}
}

func wantError(t *testing.T, p any, err error, text, want string) {
	t.Helper()
	var placed *document.Error
	if err == nil || !errors.As(err, &placed) || !strings.Contains(err.Error(), want) {
		t.Errorf("%.80q: got %v, error %v, want one with %q", text, p, err, want)
	}
}

func TestParseOsquery(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/osquery.conf")
	if err != nil {
		t.Fatal(err)
	}
	p, err := packs.ParseOsquery("osquery.conf", "incident", text, compilers(t))
	if err != nil {
		t.Fatal(err)
	}
	want := []brief{
		{"accounts", "SELECT uid, username   FROM users;", time.Hour, "linux,darwin", packs.Differential, 100, true},
		{"expired", "SELECT username FROM shadow WHERE max < 0; -- no comment: http://example.org # either", 10 * time.Minute, "linux", packs.Append, 10, false},
		{"modules", "SELECT name FROM kernel_modules", time.Minute, "linux", packs.Snapshot, 100, true},
	}
	if diff := cmp.Diff(want, briefs(p)); diff != "" {
		t.Error(diff)
	}
	if p.Collection("expired") != "pack:incident/expired" || p.Shard != 50 || p.Discovery[0] != "SELECT 1 FROM users" {
		t.Errorf("got %+v", p)
	}
	notes := strings.Join(p.Notes, "\n")
	for _, note := range []string{"query expired asks for osquery 1.4.5", "query modules runs on linux only"} {
		if !strings.Contains(notes, note) {
			t.Errorf("the notes lack %q: %s", note, notes)
		}
	}
}

func TestParseOsqueryErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{`{"queries": {"a": {"query": "SELECT id FROM users"}}}`, `o.conf:1:37: on linux: no such column: id`},
		{`{"queries": {"a": {"query": "SELECT 1", "query": "SELECT 2"}}}`, `1:41: the key "query" comes twice`},
		{`{"queries": {"a": {"query": "SELECT 1"}, "a": {"query": "SELECT 2"}}}`, `1:42: the key "a" comes twice`},
		{`{"queries": {"a": {"query": "SELECT 1", "intervall": 5}}}`, `1:54: query a has the unknown key "intervall"`},
		{"{\"queries\": {\n  \"a\": {\"query\": \"SELECT 1\",\n   \"interval\": \"soon\"}}}", "3:16: this is to be a whole number"},
		{`{"queries": {"a": {"query": "SELECT 1", "interval": -5}}}`, "whole number"},
		{`{"queries": {"a": {"query": "SELECT 1", "interval": 1e99}}}`, "whole number"},
		{`{"queries": {"a": {"query": "SELECT 1", "snapshot": "maybe"}}}`, "true or false"},
		{`{"queries": {"a": {"query": 5}}}`, "1:29: this is to be a text"},
		{`{"queries": {"a": "SELECT 1"}}`, "a query is an object"},
		{`{"queries": ["SELECT 1"]}`, "queries is an object"},
		{`{"discovery": "SELECT 1", "queries": {"a": {"query": "SELECT 1"}}}`, "discovery is a list"},
		{`{"platform": "plan9", "queries": {"a": {"query": "SELECT 1"}}}`, "unknown platform"},
		{`{"platform": "freebsd", "queries": {"a": {"query": "SELECT 1"}}}`, "agents run on linux, darwin and windows"},
		{`{}`, "the pack has no queries"},
		{`[]`, "a pack is an object"},
		{``, "the file ends too early"},
		{`{"queries": {`, "the file ends too early"},
		{`{"queries" 1}`, "1:12: "},
		{`{"queries": {"a": {"query": "SELECT 1"}}} x`, "something follows the end"},
		{`/* never closed`, "the file ends too early"},
		{`{"queries": ` + strings.Repeat("[", 100000), "nested more than 32 deep"},
		{`{"a` + "\xff" + `": 1}`, "not UTF-8"},
		{strings.Repeat(" ", 6<<20), "at most 5242880"},
	} {
		p, err := packs.ParseOsquery("o.conf", "o", []byte(c.text), compilers(t))
		wantError(t, p, err, c.text, c.want)
	}
}

func TestParseFleet(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/fleet.yaml")
	if err != nil {
		t.Fatal(err)
	}
	found, err := packs.ParseFleet("fleet.yaml", "fleet", text, compilers(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 2 {
		t.Fatalf("got %d packs", len(found))
	}
	if diff := cmp.Diff([]brief{
		{"accounts", "SELECT uid, username FROM users;", time.Hour, "linux,darwin", packs.Differential, 100, true},
		{"roots", "SELECT username FROM users WHERE uid = 0", 10 * time.Minute, "linux", packs.Append, 5, true},
	}, briefs(found[0])); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]brief{{"Loaded modules", "SELECT name\nFROM kernel_modules", 5 * time.Minute, "linux", packs.Snapshot, 100, true}}, briefs(found[1])); diff != "" {
		t.Error(diff)
	}
	if found[0].Name != "Account-watch" || found[1].Name != "fleet" || !strings.Contains(strings.Join(found[0].Notes, "\n"), "a document of kind label was left out") {
		t.Errorf("got %+v, %+v", found[0], found[1])
	}
}

func TestParseFleetErrors(t *testing.T) {
	t.Parallel()
	pack := "apiVersion: v1\nkind: pack\nspec:\n  name: p\n  queries:\n    - query: q\n      interval: 60\n"
	query := "---\nkind: query\nspec:\n  name: q\n  query: SELECT id FROM users\n"
	for _, c := range []struct{ text, want string }{
		{pack, `f.yaml:6:14: there is no query "q" in the file`},
		{pack + query, "f.yaml:12:17: on linux: no such column: id"},
		{pack + strings.Replace(query, "query: SELECT", "quary: SELECT", 1), `f.yaml:12:3: unknown field "quary"`},
		{query + query, `f.yaml:9:9: the query "q" is there twice`},
		{"spec: {name: x}\n", "kind is missing"},
		{"kind: label\nspec: {anything: [goes]}\n", "the file has no pack"},
		{"", "the file has no pack"},
		{strings.Replace(query, "id FROM", "uid FROM", 1) + "  platform: freebsd\n  interval: 60\n", "agents run on linux"},
		{strings.Replace(query, "id FROM", "uid FROM", 1) + "  interval: 9999999\n", "interval is 1s"},
	} {
		p, err := packs.ParseFleet("f.yaml", "f", []byte(c.text), compilers(t))
		wantError(t, p, err, c.text, c.want)
	}
}

func FuzzParseOsquery(f *testing.F) {
	for _, seed := range []string{
		`{"queries": {"a": {"query": "SELECT 1", "interval": "60"}}}`, "// x\n{/**/\"queries\"#\n:{}}", "{\"a\": \"b\\\n  c\"}", `{"a":"\"`, `{"a":1,"a":2}`, "/*/", "{\"queries\":{\"a\":{\"query\":\"SEL\\\r\nECT\"}}}",
	} {
		f.Add([]byte(seed))
	}
	c := compilers(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		_, err := packs.ParseOsquery("f", "f", text, c)
		var placed *document.Error
		if err != nil && (!errors.As(err, &placed) || placed.Line < 1 || placed.Column < 1) {
			t.Errorf("%q: error %v has no place", text, err)
		}
	})
}

func FuzzParseFleet(f *testing.F) {
	f.Add([]byte("kind: pack\nspec:\n  name: p\n  queries:\n    - query: q\n---\nkind: query\nspec: {name: q, query: SELECT 1}\n"))
	f.Add([]byte("---\n---\nkind: label\n"))
	c := compilers(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		_, err := packs.ParseFleet("f", "f", text, c)
		var placed *document.Error
		if err != nil && !errors.As(err, &placed) {
			t.Errorf("%q: error %v has no place", text, err)
		}
	})
}

// What is written is read back as it was.
func TestYAMLIsReadBack(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/osquery.conf")
	if err != nil {
		t.Fatal(err)
	}
	imported, err := packs.ParseOsquery("osquery.conf", "incident", text, compilers(t))
	if err != nil {
		t.Fatal(err)
	}
	own, err := packs.Load(packs.Embedded(), compilers(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range append(own, imported) {
		written, err := p.YAML()
		if err != nil {
			t.Fatal(err)
		}
		back, err := packs.Parse("p.yaml", []byte(written), compilers(t))
		if err != nil {
			t.Fatalf("%s: %v\n%s", p.Name, err, written)
		}
		if diff := cmp.Diff(briefs(p), briefs(back)); diff != "" || p.Shard != back.Shard || !cmp.Equal(p.Discovery, back.Discovery) {
			t.Errorf("%s (- was, + is):\n%s", p.Name, diff)
		}
	}
}
