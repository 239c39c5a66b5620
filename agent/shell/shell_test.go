package shell

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"go.uber.org/goleak"

	"github.com/tenantra/tenantra/internal/terminal"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var update = flag.Bool("update", false, "write the golden files from what the outputs print; read them before committing")

type city struct {
	Name   string               `col:"name" doc:"Name."`
	People int64                `col:"people" doc:"Inhabitants."`
	Area   tables.Null[float64] `col:"area" doc:"Square kilometres."`
	Note   tables.Null[string]  `col:"note" doc:"Whatever was written there." class:"content"`
	Emblem []byte               `col:"emblem" doc:"Bytes."`
	Hidden string               `col:"hidden" doc:"Not shown." opt:"hidden"`
}

var cities = tables.Define[city](tables.Spec{Name: "cities", Doc: "Cities.", Category: tables.System, Platforms: tables.AllPlatforms},
	func(_ context.Context, _ tables.Host, _ *tables.Query, emit func(*city) error) error {
		for _, c := range []city{
			{Name: "Zürich", People: 443037, Area: tables.Some(87.93), Note: tables.Some("plain"), Emblem: []byte{0, 255}},
			{Name: "東京", People: 14264798, Area: tables.Some(2194.0), Note: tables.Some("")},
			{Name: "=HYPERLINK(\"x\")", People: -1, Note: tables.Some("red \x1b[31m, bell \a, csi \u009b31m, turned \u202egnp.exe, line\nbreak, \"quoted\", broken \xff\xfe, nul \x00")},
			{Name: "-1+1", People: 0},
		} {
			if err := emit(&c); err != nil {
				return err
			}
		}
		return nil
	})

func newEngine(t testing.TB) *engine.Engine {
	t.Helper()
	e, err := engine.New(engine.Options{Tables: []*tables.Table{cities}, Pool: 1})
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

func print(t testing.TB, e *engine.Engine, sql string, mode Mode, terminal Terminal) (string, error) {
	t.Helper()
	var b bytes.Buffer
	out := NewOutput(&b, mode, terminal)
	_, err := e.Query(t.Context(), engine.Statement{SQL: sql, Limits: engine.NoLimits}, out)
	if finishErr := out.Finish(err); finishErr != nil {
		t.Fatal(finishErr)
	}
	return b.String(), err
}

func TestOutputModes(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	for name, c := range map[string]struct {
		mode     Mode
		terminal Terminal
	}{
		"table":          {ModeTable, Terminal{}},
		"table-terminal": {ModeTable, Terminal{Is: true, Width: 72}},
		"table-narrow":   {ModeTable, Terminal{Is: true, Width: 30}},
		"line":           {ModeLine, Terminal{}},
		"json":           {ModeJSON, Terminal{}},
		"json-terminal":  {ModeJSON, Terminal{Is: true}},
		"csv":            {ModeCSV, Terminal{}},
		"csv-terminal":   {ModeCSV, Terminal{Is: true}},
	} {
		got, err := print(t, e, "SELECT * FROM cities", c.mode, c.terminal)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", name+".golden")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil { // #nosec G306 -- a fixture in the tree
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s prints\n%s\nwant\n%s", name, got, want)
		}
	}
}

// TestNothingReachesTheTerminalAsControl is the last third of S22.
func TestNothingReachesTheTerminalAsControl(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	for _, mode := range Modes {
		text, err := print(t, e, "SELECT *, char(27) || ']0;x' AS \"\x1b[2J\" FROM cities", mode, Terminal{Is: true, Width: 80})
		if err != nil {
			t.Fatal(err)
		}
		if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && terminal.Unsafe(r) }); i >= 0 || !utf8.ValidString(text) {
			t.Errorf("%s prints %q at %d", mode, text[i:min(i+8, len(text))], i)
		}
	}
}

func TestFailureShowsInTheOutput(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	if got, err := print(t, e, "SELECT nme FROM cities", ModeJSON, Terminal{}); err == nil || got != "" {
		t.Errorf("a statement that does not compile prints %q, %v", got, err)
	}
	late := "SELECT CASE name WHEN '-1+1' THEN abs(-9223372036854775808) ELSE name END AS n FROM cities"
	if got, err := print(t, e, late, ModeJSON, Terminal{}); err == nil || !strings.HasPrefix(got, "[") || strings.Contains(got, "]") {
		t.Errorf("a statement that fails late prints %q, %v", got, err)
	}
	if got, err := print(t, e, "SELECT name FROM cities WHERE 0", ModeJSON, Terminal{}); err != nil || got != "[]\n" {
		t.Errorf("an empty result prints %q, %v", got, err)
	}
}

func TestWideTablesStayWithinTheTerminal(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	text, err := print(t, e, "SELECT name, hex(zeroblob(500)) AS a, hex(zeroblob(500)) AS b FROM cities", ModeTable, Terminal{Is: true, Width: 60})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if n := len([]rune(line)); n > 60 {
			t.Errorf("a line of %d characters: %s", n, line)
		}
	}
	if !strings.Contains(text, "…") {
		t.Error("nothing shows that cells were cut")
	}
}

// script runs the shell on a file of statements.
func script(t *testing.T, text string) (out, errs string, err error) {
	t.Helper()
	dir := t.TempDir()
	in, err := os.Create(filepath.Join(dir, "in"))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if _, err := in.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Seek(0, 0); err != nil {
		t.Fatal(err)
	}
	printed, err := os.Create(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer printed.Close()
	var b bytes.Buffer
	s := &Shell{Engine: newEngine(t), Tables: []*tables.Table{cities}, In: in, Out: printed, Err: &b, Mode: ModeCSV}
	err = s.Run(t.Context())
	read, readErr := os.ReadFile(printed.Name())
	if readErr != nil {
		t.Fatal(readErr)
	}
	return string(read), b.String(), err
}

func TestScripts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in, out, errs string
		failed        bool
	}{
		"two statements of a line":       {in: "SELECT 1 AS a; SELECT 2 AS b;", out: "\"a\"\n1\n\"b\"\n2\n"},
		"a statement of many lines":      {in: "SELECT\n1\nAS a\n;\n", out: "\"a\"\n1\n"},
		"the last without semicolon":     {in: "SELECT 1 AS a", out: "\"a\"\n1\n"},
		"semicolons that do not end":     {in: "SELECT ';' AS \"b;\", /* ; */ 1 AS c -- ;\n;", out: "\"b;\",\"c\"\n\";\",1\n"},
		"comments alone":                 {in: "-- nothing\n/* at all */\n"},
		"nothing":                        {},
		"an error does not end it":       {in: "SELECT nme FROM cities;\nSELECT 1 AS a;", out: "\"a\"\n1\n", errs: "no such column: nme", failed: true},
		"tables":                         {in: ".tables\n", out: "cities\n"},
		"tables by pattern":              {in: ".tables c_t%s\n", out: "cities\n"},
		"tables that do not match":       {in: ".tables x\n"},
		"schema":                         {in: ".schema cities\n", out: "CREATE TABLE cities ("},
		"schema of nothing":              {in: ".schema nothing\n", errs: "no such table", failed: true},
		"mode":                           {in: ".mode json\nSELECT 1 AS a;", out: "[\n  {\"a\":1}\n]\n"},
		"mode unknown":                   {in: ".mode xml\n", errs: "unknown mode", failed: true},
		"timer":                          {in: ".timer on\nSELECT 1 AS a;", out: "\"a\"\n1\n", errs: "1 rows, "},
		"quit":                           {in: ".quit\nSELECT 1;"},
		"exit":                           {in: ".exit\nSELECT 1;"},
		"help":                           {in: ".help\n", out: ".schema [TABLE]"},
		"unknown command":                {in: ".open\n", errs: "unknown command .open", failed: true},
		"a line beyond what is bearable": {in: strings.Repeat("x", lineMax+1), errs: "", failed: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, errs, err := script(t, c.in)
			if !strings.Contains(out, c.out) || c.out == "" && out != "" || !strings.Contains(errs, c.errs) || c.errs == "" && errs != "" {
				t.Errorf("it prints %q and %q", out, errs)
			}
			if (err != nil) != c.failed {
				t.Errorf("it ends with %v", err)
			}
			if c.failed && c.errs != "" && !errors.Is(err, ErrFailed) {
				t.Errorf("it ends with %v", err)
			}
		})
	}
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	list := []*tables.Table{cities}
	for _, c := range []struct {
		before, line string
		head         string
		want         []string
	}{
		{"", ".sch", "", []string{".schema"}},
		{"", ".schema ci", ".schema ", []string{"cities"}},
		{"", "sel", "", []string{"select"}},
		{"", "SEL", "", []string{"SELECT"}},
		{"", "select * from c", "select * from ", []string{"cities"}},
		{"select * from cities\n", "where na", "where ", []string{"name"}},
		{"", "select * from cities c where c.peo", "select * from cities c where c.", []string{"people"}},
		{"", "select * from cities as x where x.", "select * from cities as x where x.", []string{"area", "emblem", "hidden", "name", "note", "people"}},
		{"", "select u.na", "select u.na", nil},
		{"", "select ", "select ", nil},
	} {
		head, words, tail := complete(list, c.before, c.line, len([]rune(c.line)))
		if c.want == nil && words == nil {
			continue
		}
		if head != c.head || !slices.Equal(words, c.want) || tail != "" {
			t.Errorf("%q completes to %q + %q + %q", c.line, head, words, tail)
		}
	}
}

func FuzzSplit(f *testing.F) {
	for _, text := range []string{"a;b", "';'", "/*;", "--;\n;", "[;];`;`", `"";"";`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		statements, rest := split(text)
		if !strings.HasSuffix(text, rest) {
			t.Errorf("%q leaves %q", text, rest)
		}
		for _, s := range statements {
			if again, _ := split(s + "\n;"); len(again) != 1 {
				t.Errorf("%q of %q is %d statements", s, text, len(again))
			}
		}
		blank(text)
	})
}
