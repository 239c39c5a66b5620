package document_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tenantra/tenantra/queries/document"
)

type sample struct {
	Name  string         `yaml:"name"`
	SQL   string         `yaml:"sql"`
	Count int            `yaml:"count"`
	List  []string       `yaml:"list"`
	Every time.Duration  `yaml:"every"`
	Free  map[string]any `yaml:"free"`
	Parts []part         `yaml:"parts"`
}

type part struct {
	ID string `yaml:"id"`
}

func TestDecode(t *testing.T) {
	t.Parallel()
	var s sample
	_, err := document.Decode("a.yaml", []byte(`# a comment
name: it's "plain" # another
sql: |
  SELECT 1
  FROM t
list: [no, prohibit-password, "0640"]
every: 5m
free: {answers: [yes, no, on], n: 1, x: 1.5}
parts:
  - id: a
  - {id: b}
`), &s)
	if err != nil {
		t.Fatal(err)
	}
	if s.Name != `it's "plain"` || s.SQL != "SELECT 1\nFROM t\n" || strings.Join(s.List, " ") != "no prohibit-password 0640" ||
		s.Every != 5*time.Minute || s.Free["answers"].([]any)[1] != "no" || s.Parts[1].ID != "b" {
		t.Errorf("got %+v", s)
	}
}

// TestErrors is S57 for what people write and import: aliases, tags, duplicate keys, size and depth.
func TestErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"name: a\nnmae: b\n", `a.yaml:2:1: unknown field "nmae"`},
		{"parts:\n  - id: a\n  - ix: b\n", `a.yaml:3:5: unknown field "ix"`},
		{"name: a\nname: b\n", "a.yaml:2:1: mapping key \"name\" already defined"},
		{"free: {a: 1, a: 2}\n", "already defined"},
		{"free: {a: {b: 1, b: 2}}\n", "already defined"},
		{"count: many\n", "a.yaml:1:8: "},
		{"count: 99999999999999999999\n", "a.yaml:1:8: "},
		{"name: &x a\n", "a.yaml:1:7: &: anchors"},
		{"name: a\nsql: *x\n", "a.yaml:2:6: *: anchors"},
		{"name: !!python/object:os.system a\n", "tags and merge keys are not allowed"},
		{"name: !x", "a.yaml:1:7: !x: anchors"},
		{"list: [a, !x", "tags and merge keys are not allowed"},
		{"name: a\nsql: !!str", "tags and merge keys are not allowed"},
		{"name: &x", "a.yaml:1:7: &: anchors"},
		{"name: *x", "a.yaml:1:7: *: anchors"},
		{"free:\n  <<: ", "merge keys are not allowed"},
		{"free: !!binary aGk=\n", "tags and merge keys are not allowed"},
		{"free:\n  <<: {a: 1}\n", "merge keys are not allowed"},
		{"name: a\n---\nname: b\n", "a second document begins here"},
		{"", "the file is empty"},
		{"# only a comment\n", "the file is empty"},
		{"---\n", "the file is empty"},
		{"- name\n", "a.yaml:1:1: "},
		{"list: [a\n", "a.yaml:1:"},
		{"name: a: b\n", "mapping value is not allowed"},
		{"\tname: a\n", "tab"},
		{"list: [0640]\n", "a.yaml:1:8: 0640 may be read as octal or decimal"},
		{"name: \xff\n", "not UTF-8"},
		{"name: a\x00b\n", "not UTF-8"},
		{strings.Repeat("#", 6<<20), "at most 5242880 are allowed"},
		{"free: " + strings.Repeat("[", 20_000), "nested more than 32 deep"},
		{"free: " + strings.Repeat("{a: ", 20_000), "nested more than 32 deep"},
		{strings.Repeat("- ", 20_000), "nested more than 32 deep"},
		{strings.Repeat("? ", 20_000), "nested more than 32 deep"},
		{deepMapping(1000), "nested more than 32 deep"},
		{"free:\n" + manyKeys("  k%d: 1\n"), "more than 2000 keys"},
		{"free: {" + manyKeys("k%d: 1, ") + "}", "more than 2000 keys"},
		{"free: " + strings.Repeat("[", 40) + strings.Repeat("]", 40), "nested more than 32 deep"},
	} {
		start := time.Now()
		var s sample
		_, err := document.Decode("a.yaml", []byte(c.text), &s)
		var ours *document.Error
		if !errors.As(err, &ours) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60q: error %v, want one with %q", c.text, err, c.want)
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%.60q took %v", c.text, took)
		}
	}
}

func manyKeys(format string) string {
	var b strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func TestLongListsAreRead(t *testing.T) {
	t.Parallel()
	text := "parts:\n" + strings.Repeat("  - id: a\n", 3000) + "  - {id: b}\n"
	var s sample
	if _, err := document.Decode("a.yaml", []byte(text), &s); err != nil || len(s.Parts) != 3001 {
		t.Errorf("%d parts, %v", len(s.Parts), err)
	}
}

func deepMapping(levels int) string {
	var b strings.Builder
	for i := range levels {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func TestPositions(t *testing.T) {
	t.Parallel()
	var s sample
	d, err := document.Decode("a.yaml", []byte(`name: plain text
sql: |
    SELECT a
    FROM b
list: ['quoted', plain]
free:
  x: "quoted"
  y: {z: 1}
parts:
  - id: a
`), &s)
	if err != nil {
		t.Fatal(err)
	}
	for want, err := range map[string]error{
		"a.yaml:1:7: m":  d.ErrorAt("m", "name"),
		"a.yaml:1:1: m":  d.ErrorAt("m", ":name"),
		"a.yaml:1:13: m": d.ErrorIn(1, 7, "m", "name"),
		"a.yaml:4:10: m": d.ErrorIn(2, 6, "m", "sql"),
		"a.yaml:5:9: m":  d.ErrorIn(1, 1, "m", "list", "0"),
		"a.yaml:5:20: m": d.ErrorIn(1, 3, "m", "list", "1"),
		"a.yaml:7:7: m":  d.ErrorIn(1, 1, "m", "free", "x"),
		"a.yaml:8:3: m":  d.ErrorAt("m", "free", ":y"),
		"a.yaml:8:10: m": d.ErrorAt("m", "free", "y", "z"),
		"a.yaml:10:9: m": d.ErrorAt("m", "parts", "0", "id"),
		"a.yaml:7:3: m":  d.ErrorAt("m", "free", "missing", "more"),
	} {
		if err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"name: a\nsql: |\n  SELECT 1\n", "list: [a, 'b', \"c\"]\n", "free: {a: {b: [1, 2.5, ~, true]}}\n", "- a\n- b\n", "parts:\n- id: >-\n   a\n   b\n",
		"? a\n: b\n", "%YAML 1.2\n---\na: b\n...\n", "a: !!x &y *z\n", "\"a\\u0000b\": c\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var s sample
		d, err := document.Decode("f.yaml", text, &s)
		var ours *document.Error
		if err != nil && (!errors.As(err, &ours) || ours.Line < 1 || ours.Column < 1) {
			t.Errorf("%q: error %v has no place", text, err)
		}
		if err == nil {
			_ = d.ErrorIn(3, 4, "m", "sql")
			_ = d.ErrorAt("m", "free", ":a")
		}
	})
}
