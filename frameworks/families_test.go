package frameworks_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tenantra/tenantra/frameworks"
	"github.com/tenantra/tenantra/queries"
	"github.com/tenantra/tenantra/queries/document"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/queries/rules"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/all"
	"github.com/tenantra/tenantra/tables/tabletest"
)

// familyFixtures is testdata/templates/<template>.yaml: machines that are made from each member's own variables.
type familyFixtures struct {
	Template string                    `yaml:"template"`
	Defaults map[string]any            `yaml:"defaults"` // variables that the machines need beyond the member's
	Set      map[string]map[string]any `yaml:"set"`      // the same, of one member
	Cases    map[string]familyCase     `yaml:"cases"`    // the name is pass, fail or not_applicable, with a dash and a word behind
}

// familyCase is a machine. ${name} stands for a variable, ${name:path} for it with dots as slashes, ${name:first} for the
// first of a list; a list in a path or a row makes one for each element, whose number is ${name:number}.
type familyCase struct {
	Only  []string                    `yaml:"only"`  // members that the case is for; all where empty
	Not   []string                    `yaml:"not"`   // members that the case is not for
	Files map[string]string           `yaml:"files"` // text by path
	Links map[string]string           `yaml:"links"` // target by path
	Modes map[string]string           `yaml:"modes"` // octal by path; what is not there becomes a directory
	Rows  map[string][]map[string]any `yaml:"rows"`  // of tables that no file can tell: these take the place of the source
}

// TestFamiliesOnFixtures runs the real SQL of every member of every template on machines with the good and the bad value,
// and wants a passing and a failing one of each.
func TestFamiliesOnFixtures(t *testing.T) {
	t.Parallel()
	if tables.BuildPlatform() != tables.Linux {
		t.Skip("the machines are made with the modes and links of Linux")
	}
	byPlatform := compilers(t)
	l, err := frameworks.Load(frameworks.Embedded(), byPlatform)
	if err != nil {
		t.Fatal(err)
	}
	for _, template := range l.Templates() {
		t.Run(template.ID, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join("testdata", "templates", template.ID+".yaml")
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var fixtures familyFixtures
			if _, err := document.Decode(file, text, &fixtures); err != nil {
				t.Fatal(err)
			}
			for name := range fixtures.Set {
				if !slices.ContainsFunc(template.Members(), func(m frameworks.Member) bool { return m.Check == name }) {
					t.Errorf("%s sets variables of %s, which is no member", file, name)
				}
			}
			for _, member := range template.Members() {
				t.Run(member.Check, func(t *testing.T) {
					check := l.Check(member.Check)
					vars := variables{"uid": os.Getuid(), "gid": os.Getgid()}
					for _, set := range []map[string]any{fixtures.Defaults, member.Set, fixtures.Set[member.Check]} {
						maps.Copy(vars, set)
					}
					seen := map[string]int{}
					for name, c := range fixtures.Cases {
						if len(c.Only) > 0 && !slices.Contains(c.Only, member.Check) || slices.Contains(c.Not, member.Check) {
							continue
						}
						t.Run(name, func(t *testing.T) {
							want, _, _ := strings.Cut(name, "-")
							seen[want]++
							runFamilyCase(t, l, byPlatform, check, vars, c, frameworks.Verdict(want))
						})
					}
					if seen["pass"] == 0 || seen["fail"] == 0 {
						t.Errorf("there are %d passing and %d failing machines", seen["pass"], seen["fail"])
					}
				})
			}
		})
	}
}

func runFamilyCase(t *testing.T, l *frameworks.Library, byPlatform queries.Compilers, check *frameworks.Check, vars variables, c familyCase, want frameworks.Verdict) {
	machine := t.TempDir()
	vars.machine(t, c, filepath.Join(machine, "root"))
	ran := 0
	defer func() {
		if ran == 0 {
			t.Error("no platform's tables have a source in this build")
		}
	}()
	for _, name := range check.Platforms.Names() {
		platform, err := tables.ParsePlatforms(name)
		if err != nil {
			t.Fatal(err)
		}
		if !sourced(t, check, byPlatform[platform], platform, c) {
			continue // the same SQL runs on another platform's machine
		}
		ran++
		answer := askOn(t, check, byPlatform[platform], tabletest.NewHostOn(t, machine, platform), vars.rows(t, c))
		if answer.Err != nil {
			t.Fatal(answer.Err)
		}
		got := check.Judge(answer)
		if got.Verdict != want {
			t.Errorf("on %s the verdict is %s (%s), want %s; rows %v, applies %v", name, got.Verdict, got.Message, want, answer.Rows, answer.Applies)
			continue
		}
		texts := got.Message + got.Expected
		if want == frameworks.Fail {
			fix, err := check.FillFix(l.Fix(check.Fix), answer, got.Failing)
			if err != nil {
				t.Error(err)
			}
			texts += fix
		}
		if strings.Contains(texts, "{{") || strings.Contains(texts, "${") || strings.Contains(texts, "NULL") {
			t.Errorf("a text has an open place: %s", texts)
		}
	}
}

// sourced tells whether this build can read all tables that the check asks on a platform.
func sourced(t *testing.T, check *frameworks.Check, compiler queries.Compiler, platform tables.Platforms, c familyCase) bool {
	t.Helper()
	for _, table := range tablesOf(t, check, compiler) {
		if _, given := c.Rows[table.Name]; !given && !table.AvailableOn(platform) {
			return false
		}
	}
	return true
}

// tablesOf gives the tables that a check's statements read.
func tablesOf(t *testing.T, check *frameworks.Check, compiler queries.Compiler) []*tables.Table {
	t.Helper()
	var used []*tables.Table
	for _, sql := range []string{check.SQL, check.Applies} {
		if sql == "" {
			continue
		}
		analysis, err := compiler.Check(sql)
		if err != nil {
			t.Fatal(err)
		}
		for _, read := range analysis.Reads {
			if !slices.ContainsFunc(used, func(u *tables.Table) bool { return u.Name == read.Table.Name }) {
				used = append(used, read.Table)
			}
		}
	}
	return used
}

// askOn runs a check's statements with the tables of a platform, those of given rows in place of their sources.
func askOn(t *testing.T, check *frameworks.Check, compiler queries.Compiler, host tables.Host, given map[string][][]tables.Value) frameworks.Answer {
	t.Helper()
	used := tablesOf(t, check, compiler)
	for i, table := range used {
		if rows, ok := given[table.Name]; ok {
			used[i] = tables.DefineValues(table.Spec, table.Columns(), func(_ context.Context, _ tables.Host, _ *tables.Query, emit func([]tables.Value) error) error {
				for _, row := range rows {
					if err := emit(row); err != nil {
						return err
					}
				}
				return nil
			})
		}
	}
	e, err := engine.New(engine.Options{Tables: used, Host: host, Pool: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	a := frameworks.Answer{}
	if check.Params["owner"] != nil {
		a.Params = map[string]any{"owner": os.Getuid()} // the fixture's files belong to whoever runs the test
	}
	run := func(sql string) []rules.Row {
		result, _, err := engine.Collect(context.Background(), e, engine.Statement{SQL: sql, Limits: engine.ScheduledLimits})
		if err != nil {
			a.Err = fmt.Errorf("%s: %w", sql, err)
		}
		return frameworks.RowsOf(result.Columns, result.Rows)
	}
	if check.Applies != "" {
		a.Applies = run(check.Applies)
	}
	a.Rows = run(check.SQL)
	return a
}

// variables are what a machine is made from.
type variables map[string]any

// machine writes the files of a case.
func (v variables) machine(t *testing.T, c familyCase, root string) {
	t.Helper()
	for name, text := range c.Files {
		for _, x := range v.each(t, name, text) {
			file := filepath.Join(root, x[0])
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if x[1] == "" && isFile(file) {
				continue // one that is only to be there may be one that another line fills
			}
			if err := os.WriteFile(file, []byte(x[1]), 0o644); err != nil { // #nosec G306 -- a fixture
				t.Fatal(err)
			}
		}
	}
	for name, target := range c.Links {
		for _, x := range v.each(t, name, target) {
			file := filepath.Join(root, x[0])
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(x[1], file); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, mode := range c.Modes {
		for _, x := range v.each(t, name, mode) {
			setMode(t, filepath.Join(root, x[0]), x[1])
		}
	}
}

// rows gives the rows of a case with the values in the order of the tables' columns.
func (v variables) rows(t *testing.T, c familyCase) map[string][][]tables.Value {
	t.Helper()
	out := map[string][][]tables.Value{}
	for name, rows := range c.Rows {
		table := all.Find(name)
		if table == nil {
			t.Fatalf("there is no table %s", name)
		}
		out[name] = nil
		for _, row := range rows {
			var texts []string // columns and values in turn
			for _, column := range slices.Sorted(maps.Keys(row)) {
				texts = append(texts, column, fmt.Sprint(row[column]))
			}
			for _, x := range v.each(t, texts...) {
				values := make([]tables.Value, len(table.Columns()))
				for i := 0; i < len(x); i += 2 {
					at := table.Column(x[i])
					if at < 0 {
						t.Fatalf("table %s has no column %s", name, x[i])
					}
					values[at] = tables.TextValue(x[i+1])
					if n, err := strconv.ParseInt(x[i+1], 10, 64); err == nil && table.Columns()[at].Type != tables.Text {
						values[at] = tables.IntValue(n)
					}
				}
				out[name] = append(out[name], values)
			}
		}
	}
	return out
}

// each fills the variables of texts: once, or once for each element of the list that they name.
func (v variables) each(t *testing.T, texts ...string) [][]string {
	t.Helper()
	var list []any
	var named string
	for name, value := range v {
		elements, ok := value.([]any)
		if ok && slices.ContainsFunc(texts, func(s string) bool {
			return strings.Contains(s, "${"+name+"}") || strings.Contains(s, "${"+name+":path}")
		}) {
			list, named = elements, name
		}
	}
	if named == "" {
		return [][]string{v.fill(t, texts)}
	}
	var out [][]string
	for i, element := range list {
		one := maps.Clone(v)
		one[named], one[named+":number"] = element, i
		out = append(out, one.fill(t, texts))
	}
	return out
}

func (v variables) fill(t *testing.T, texts []string) []string {
	t.Helper()
	var pairs []string
	for name, value := range v {
		text := fmt.Sprint(value)
		if list, ok := value.([]any); ok && len(list) > 0 {
			pairs = append(pairs, "${"+name+":first}", fmt.Sprint(list[0]))
			continue
		}
		pairs = append(pairs, "${"+name+"}", text, "${"+name+":path}", strings.ReplaceAll(text, ".", "/"))
	}
	replacer := strings.NewReplacer(pairs...)
	out := make([]string, len(texts))
	for i, text := range texts {
		if out[i] = replacer.Replace(text); strings.Contains(out[i], "${") {
			t.Fatalf("a variable of %q has no value", out[i])
		}
	}
	return out
}
