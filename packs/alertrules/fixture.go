package alertrules

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/queries/rules"
	"github.com/tenantra/tenantra/tables"
)

// Fixture is an example in the rule's file: what is there, and whether the rule fires on it.
type Fixture struct {
	Name    string
	Input   Input
	Fires   bool
	Message string // a part of the message that is expected; "" for any
}

// Trial is how a fixture came out.
type Trial struct {
	Fixture
	Said    string // the message of the first firing; "" where the rule does not fire
	Mistake string // why the fixture does not hold; "" where it does
}

type fixtureFile struct {
	Name  string `yaml:"name"`
	Agent struct {
		Hostname  string   `yaml:"hostname"`
		Platform  string   `yaml:"platform"`
		OSName    string   `yaml:"os_name"`
		OSVersion string   `yaml:"os_version"`
		Tags      []string `yaml:"tags"`
	} `yaml:"agent"`
	Rows    map[string][]map[string]any `yaml:"rows"`
	Fires   bool                        `yaml:"fires"`
	Message string                      `yaml:"message"`
}

// fixtures reads the examples and runs them. A rule has one that fires and one that does not.
func (p *parsing) fixtures(ctx context.Context) {
	if len(p.file.Fixtures) > maxFixtures {
		p.mistake("fixtures", "at most %d fixtures", maxFixtures)
		return
	}
	seen := map[bool]bool{}
	for i, f := range p.file.Fixtures {
		path := fmt.Sprintf("fixtures/%d", i)
		fixture, ok := p.fixture(path, f)
		if !ok {
			continue
		}
		seen[f.Fires] = true
		p.rule.Fixtures = append(p.rule.Fixtures, fixture)
		trial := Trial{Fixture: fixture}
		var err error
		if trial.Said, err = p.rule.try(ctx, fixture); err != nil {
			trial.Mistake = err.Error()
			p.mistake(path, "fixture %q: %v", f.Name, err)
		}
		p.trials = append(p.trials, trial)
	}
	if !seen[true] || !seen[false] {
		p.mistake("fixtures", "write at least one fixture that fires and one that does not")
	}
}

func (p *parsing) fixture(path string, f fixtureFile) (Fixture, bool) {
	fixture := Fixture{Name: f.Name, Fires: f.Fires, Message: f.Message, Input: Input{Tables: map[string]Table{}, Agent: rules.Agent{
		ID: "00000000-0000-7000-8000-000000000001", Hostname: f.Agent.Hostname, Platform: f.Agent.Platform, OSName: f.Agent.OSName, OSVersion: f.Agent.OSVersion, Tags: f.Agent.Tags,
	}}}
	if fixture.Input.Agent.Hostname == "" {
		fixture.Input.Agent.Hostname = "host"
	}
	if fixture.Input.Agent.Platform == "" {
		fixture.Input.Agent.Platform = "linux"
	}
	if f.Name == "" {
		p.mistake(path, "a fixture has a name")
		return fixture, false
	}
	for _, name := range slices.Sorted(maps.Keys(f.Rows)) {
		at := slices.IndexFunc(p.rule.schemas, func(s schema) bool { return s.table == name })
		if at < 0 {
			p.mistake(path+"/rows/:"+name, "the rule looks at no table %s; it looks at %s", name, strings.Join(p.rule.Tables(), ", "))
			return fixture, false
		}
		table := Table{Columns: p.rule.schemas[at].columns}
		for i, row := range f.Rows[name] {
			cells := make([]tables.Value, len(table.Columns))
			for _, column := range slices.Sorted(maps.Keys(row)) {
				j := slices.Index(table.Columns, column)
				if j < 0 {
					p.mistake(fmt.Sprintf("%s/rows/%s/%d/:%s", path, name, i, column), "%s has no column %s; it has %s", name, column, strings.Join(table.Columns, ", "))
					return fixture, false
				}
				var ok bool
				if cells[j], ok = cellOf(row[column]); !ok {
					p.mistake(fmt.Sprintf("%s/rows/%s/%d/%s", path, name, i, column), "a cell is a number, a text, true, false or null")
					return fixture, false
				}
			}
			table.Rows = append(table.Rows, cells)
		}
		fixture.Input.Tables[name] = table
	}
	return fixture, true
}

// cellOf makes a cell of what YAML has.
func cellOf(value any) (tables.Value, bool) {
	switch v := value.(type) {
	case nil:
		return tables.Value{}, true
	case string:
		return tables.TextValue(v), true
	case int:
		return tables.IntValue(int64(v)), true
	case int64:
		return tables.IntValue(v), true
	case uint64:
		return tables.IntValue(int64(v)), v <= 1<<62
	case float64:
		return tables.FloatValue(v), true
	case bool:
		if v {
			return tables.IntValue(1), true
		}
		return tables.IntValue(0), true
	default:
		return tables.Value{}, false
	}
}

// try runs a fixture and gives the message of the first firing.
func (r *Rule) try(ctx context.Context, f Fixture) (said string, err error) {
	fired, err := r.Evaluate(ctx, f.Input)
	if err != nil {
		return "", err
	}
	if len(fired) > 0 {
		said = fired[0].Message
	}
	switch {
	case f.Fires && len(fired) == 0:
		return said, fmt.Errorf("the rule does not fire")
	case !f.Fires && len(fired) > 0:
		return said, fmt.Errorf("the rule fires: %s", said)
	case f.Fires && !strings.Contains(said, f.Message):
		return said, fmt.Errorf("the message is %q, without %q", said, f.Message)
	}
	return said, nil
}
