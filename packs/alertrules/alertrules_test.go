package alertrules_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tenantra/tenantra/packs"
	"github.com/tenantra/tenantra/packs/alertrules"
	"github.com/tenantra/tenantra/packs/drift"
	"github.com/tenantra/tenantra/queries"
	"github.com/tenantra/tenantra/queries/document"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/queries/rules"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/all"
)

// sources knows the product's own collections.
type sources struct {
	collections map[string]alertrules.Schema
	drift       *drift.Policy
}

func (s sources) Collection(name string) (alertrules.Schema, bool) {
	schema, ok := s.collections[name]
	return schema, ok
}

func (s sources) Drift(name string) (alertrules.Schema, bool) {
	w, ok := s.drift.Watches[name]
	if !ok {
		return alertrules.Schema{}, false
	}
	return alertrules.Schema{Columns: w.Columns, Class: s.collections[name].Class}, true
}

func product(t testing.TB) sources {
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
	s := sources{collections: map[string]alertrules.Schema{}}
	for _, p := range loaded {
		for _, q := range p.Queries {
			s.collections[p.Collection(q.Name)] = alertrules.Schema{Columns: q.Columns, Class: q.Class}
		}
	}
	for _, table := range all.Tables() { // collected as a whole
		var whole alertrules.Schema
		for _, c := range table.Columns() {
			whole.Columns, whole.Class = append(whole.Columns, c.Name), max(whole.Class, c.Class)
		}
		s.collections["module:"+table.Name] = whole
	}
	s.drift, err = drift.Default(func(name string) ([]string, bool) {
		c, ok := s.collections[name]
		return c.Columns, ok
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// small is a world of one collection.
func small() sources {
	ports := alertrules.Schema{Columns: []string{"address", "port", "name"}}
	return sources{
		collections: map[string]alertrules.Schema{"pack:p/ports": ports, "pack:p/users": {Columns: []string{"username", "uid"}, Class: tables.ClassPersonal}, "check:ports": ports},
		drift:       &drift.Policy{Watches: map[string]*drift.Watch{"pack:p/ports": {Columns: []string{"port"}}}},
	}
}

func compiler(t testing.TB) *alertrules.Compiler {
	t.Helper()
	c := alertrules.NewCompiler()
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// Reading a rule runs its fixtures: the library is known to do what it says.
func TestLibraryReadsAndItsFixturesHold(t *testing.T) {
	t.Parallel()
	loaded, err := alertrules.Load(alertrules.Embedded(), compiler(t), product(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(loaded) < 15 {
		t.Errorf("%d rules", len(loaded))
	}
	triggers := map[alertrules.Trigger]int{}
	for _, r := range loaded {
		triggers[r.On]++
	}
	if len(triggers) != 5 {
		t.Errorf("rules by trigger: %v, want some of each", triggers)
	}
}

const portRule = `rule: telnet
title: Telnet is open
on: collection
collections: [pack:p/ports]
sql: SELECT address, port, name FROM ports WHERE port = 23
when: len(rows) >= threshold and "lab" not in agent.tags
severity: high
message: "{{ rows[0].name }} on {{ agent.hostname }}"
fixtures:
  - {name: open, fires: true, rows: {ports: [{port: 23, name: telnetd}]}}
  - {name: closed, fires: false}
`

func TestMistakesAreToldWithTheirPlace(t *testing.T) {
	t.Parallel()
	c := compiler(t)
	for _, test := range []struct{ old, new, want string }{
		{"rule: telnet", "rule: Telnet", "r.yaml:1:7: rule is a name"},
		{"on: collection", "on: tuesday", "r.yaml:3:5: on is collection, drift"},
		{"[pack:p/ports]", "[pack:p/none]", "r.yaml:4:15: nothing collects pack:p/none"},
		{"[pack:p/ports]", "[pack:p/ports, check:ports]", "two collections would both be the table ports"},
		{"[pack:p/ports]", "[]", "collections names what is looked at"},
		{"SELECT address", "SELECT adress", "r.yaml:5:13: no such column"},
		{"FROM ports", "FROM users", "no such table"},
		{"sql: SELECT address, port, name FROM ports WHERE port = 23", "sql: DROP TABLE ports", "r.yaml:5:"},
		{"len(rows) >=", "len(rowz) >=", "r.yaml:6:11:"},
		{"len(rows) >= threshold", "any(rows, .user == 1)", `the rows have no column "user"`},
		{"len(rows) >= threshold", "len(rows)", "r.yaml:6:"},
		{"severity: high", "severity: huge", "r.yaml:7:11: severity is low"},
		{"rows[0].name }}", "rows[0].nam }}", `r.yaml:8:11: the rows have no column "nam"`},
		{"severity: high", "severity: high\ngroup_by: [moon]", "group by agent.id"},
		{"severity: high", "severity: high\nnotify: [A b]", "a channel's name"},
		{"severity: high", "severity: high\nrenotify: 1s", "renotify is 5m0s to"},
		{"severity: high", "severity: high\nescalate: [{after: 1h, notify: [a]}, {after: 30m, notify: [b]}]", "after is longer"},
		{"severity: high", "severity: high\nunknown: 1", "r.yaml:8:1:"},
		{"severity: high", "severity: &a high", "anchors"},
		{"fires: true, rows", "fires: false, rows", "the rule fires"},
		{"{port: 23, name", "{port: 22, name", `fixture "open": the rule does not fire`},
		{"{port: 23, name", "{prt: 23, name", "ports has no column prt"},
		{"  - {name: closed, fires: false}\n", "", "at least one fixture that fires and one that does not"},
	} {
		text := strings.Replace(portRule, test.old, test.new, 1)
		if text == portRule {
			t.Fatalf("%q is not in the rule", test.old)
		}
		_, err := alertrules.Parse("r.yaml", []byte(text), c, small())
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, want %s", test.new, err, test.want)
			continue
		}
		var placed *document.Error
		if !errors.As(err, &placed) || placed.Line == 0 {
			t.Errorf("%q: the error has no place: %v", test.new, err)
		}
	}
}

func TestRuleKnowsTheClassOfItsRows(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer("p/ports", "p/users", "SELECT address, port, name FROM ports WHERE port = 23", "SELECT username AS name FROM users", "ports: [{port: 23, name: telnetd}]", "users: [{username: a}]").Replace(portRule)
	r, err := alertrules.Parse("r.yaml", []byte(text), compiler(t), small())
	if err != nil || r.Class != tables.ClassPersonal {
		t.Errorf("class %v, %v", r.Class, err)
	}
}

func rows(cells ...any) [][]tables.Value {
	var out [][]tables.Value
	for i := 0; i < len(cells); i += 3 {
		out = append(out, []tables.Value{tables.TextValue(cells[i].(string)), tables.IntValue(int64(cells[i+1].(int))), tables.TextValue(cells[i+2].(string))})
	}
	return out
}

// An editor offers the columns while the expression is wrong, and shows how each fixture came out.
func TestReadTellsWhatIsKnownSoFar(t *testing.T) {
	t.Parallel()
	c := compiler(t)
	for _, test := range []struct{ old, new, columns, tables, trials string }{
		{"", "", "[address port name]", "map[ports:[address port name]]", "open: telnetd on host; closed: "},
		{"len(rows) >=", "len(rowz) >=", "[address port name]", "map[ports:[address port name]]", ""},
		{"SELECT address", "SELECT adress", "[]", "map[ports:[address port name]]", ""},
		{"[pack:p/ports]", "[pack:p/none]", "[]", "map[]", ""},
		{"name: closed, fires: false", "name: closed, fires: true", "[address port name]", "map[ports:[address port name]]", "open: telnetd on host; closed: × the rule does not fire"},
	} {
		text := strings.Replace(portRule, test.old, test.new, 1)
		draft, err := alertrules.Read("r.yaml", []byte(text), c, small())
		if (err == nil) != (test.new == "") || (draft.Rule != nil) != (err == nil) {
			t.Errorf("%s: rule %v, %v", test.new, draft.Rule != nil, err)
		}
		var trials []string
		for _, trial := range draft.Trials {
			line := trial.Name + ": " + trial.Said
			if trial.Mistake != "" {
				line += "× " + trial.Mistake
			}
			trials = append(trials, line)
		}
		if got := strings.Join(trials, "; "); fmt.Sprint(draft.Columns) != test.columns || fmt.Sprint(draft.Tables) != test.tables || got != test.trials {
			t.Errorf("%s: columns %v, tables %v, trials %q", test.new, draft.Columns, draft.Tables, got)
		}
	}
}

func parse(t *testing.T, text string) *alertrules.Rule {
	t.Helper()
	r, err := alertrules.Parse("r.yaml", []byte(text), compiler(t), small())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestGroupsFireForThemselves(t *testing.T) {
	t.Parallel()
	text := strings.Replace(portRule, "severity: high", "severity: high\ngroup_by: [agent.id, port]\nthreshold: 2", 1)
	text = strings.Replace(text, " WHERE port = 23", "", 1)
	text = strings.Replace(text, "{port: 23, name: telnetd}", "{port: 23}, {port: 23}", 1)
	r := parse(t, text)
	in := alertrules.Input{Agent: rules.Agent{ID: "a1", Hostname: "h"}, Tables: map[string]alertrules.Table{"ports": {
		Columns: []string{"address", "port", "name"}, Rows: rows("x", 23, "a", "x", 80, "b", "y", 23, "c"),
	}}}
	fired, err := r.Evaluate(t.Context(), in)
	if err != nil || len(fired) != 1 || fmt.Sprint(fired[0].Group) != "[a1 23]" || len(fired[0].Rows) != 2 || r.RowGroup(fired[0]) != "23" || r.AcrossAgents() {
		t.Errorf("%+v, %v", fired, err)
	}
	one := 1
	in.Threshold = &one
	if fired, err = r.Evaluate(t.Context(), in); err != nil || len(fired) != 2 {
		t.Errorf("with the tenant's threshold: %+v, %v", fired, err)
	}
}

// Agents of other versions tell other columns: what is missing is NULL, what is too much is not looked at.
func TestRowsOfAnotherShapeAreJudgedToo(t *testing.T) {
	t.Parallel()
	r := parse(t, portRule)
	in := alertrules.Input{Tables: map[string]alertrules.Table{"ports": {Columns: []string{"port", "extra"}, Rows: [][]tables.Value{{tables.IntValue(23), tables.TextValue("z")}}}}}
	fired, err := r.Evaluate(t.Context(), in)
	if err != nil || len(fired) != 1 || fired[0].Message != "(not known) on " {
		t.Errorf("%+v, %v", fired, err)
	}
}

// S39 and S41 for rules: a hostile statement or expression ends in time, with an error, and the next one runs.
func TestHostileRulesEnd(t *testing.T) {
	t.Parallel()
	var many [][]tables.Value
	for i := range 3000 {
		many = append(many, rows(strings.Repeat("a", 200), i, "n")...)
	}
	in := alertrules.Input{Tables: map[string]alertrules.Table{"ports": {Columns: []string{"address", "port", "name"}, Rows: many}}}
	for _, test := range []struct{ old, new string }{
		{"SELECT address, port, name FROM ports WHERE port = 23", "WITH RECURSIVE n(port) AS (SELECT 1 UNION ALL SELECT port + 1 FROM n) SELECT count(*) AS port, 'x' AS name FROM n, ports WHERE ports.port > 50"},
		{"SELECT address, port, name FROM ports WHERE port = 23", "SELECT a.port, a.name FROM ports a, ports b, ports c WHERE a.address LIKE b.address AND a.port > 23 AND b.port > 23 AND c.port > 23 AND a.port + b.port + c.port < 0 OR a.port = 23 AND a.name = 'telnetd'"},
		{`len(rows) >= threshold and "lab" not in agent.tags`, `len(rows) < 9 or all(rows, any(rows, .address == "b" or none(rows, .port == -1)))`},
	} {
		text := strings.Replace(portRule, test.old, test.new, 1)
		if strings.HasPrefix(test.new, "len") {
			text = strings.Replace(text, " WHERE port = 23", "", 1)
			text = strings.Replace(text, "- {name: closed, fires: false}", "- {name: closed, fires: false, rows: {ports: [{port: 1}, {port: 1}, {port: 1}, {port: 1}, {port: 1}, {port: 1}, {port: 1}, {port: 1}, {port: -1}]}}", 1)
		} else {
			text = strings.Replace(text, "len(rows) >= threshold and \"lab\" not in agent.tags", "len(rows) >= threshold and any(rows, .name == \"telnetd\" or .port > 0)", 1)
		}
		r, err := alertrules.Parse("r.yaml", []byte(text), compiler(t), small())
		began := time.Now()
		if err == nil {
			_, err = r.Evaluate(t.Context(), in)
		}
		if err == nil {
			t.Errorf("%s: ended well", test.new)
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%s: took %v", test.new, took)
		}
	}
	if _, err := parse(t, portRule).Evaluate(t.Context(), alertrules.Input{}); err != nil {
		t.Errorf("the next rule: %v", err)
	}
}

func TestCompilerHoldsAFewEnginesOnly(t *testing.T) {
	t.Parallel()
	c := compiler(t)
	var first *alertrules.Rule
	for i := range 70 {
		s := small()
		s.collections["pack:p/ports"] = alertrules.Schema{Columns: []string{"address", "port", "name", fmt.Sprint("extra", i)}}
		r, err := alertrules.Parse("r.yaml", []byte(portRule), c, s)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = r
		}
	}
	in := alertrules.Input{Tables: map[string]alertrules.Table{"ports": {Columns: []string{"port"}, Rows: [][]tables.Value{{tables.IntValue(23)}}}}}
	if fired, err := first.Evaluate(context.Background(), in); err != nil || len(fired) != 1 {
		t.Errorf("a rule whose engine was closed meanwhile: %v, %v", fired, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(portRule)
	f.Add(strings.Replace(portRule, "on: collection", "on: drift", 1))
	c := compiler(f)
	f.Fuzz(func(t *testing.T, text string) {
		if r, err := alertrules.Parse("r.yaml", []byte(text), c, small()); err == nil && (r.When == nil || r.Message == nil || len(r.Columns) == 0) {
			t.Errorf("an unfinished rule: %+v", r)
		}
	})
}
