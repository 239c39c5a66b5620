package alertrules

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tenantra/tenantra/queries/document"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/queries/rules"
	"github.com/tenantra/tenantra/tables"
)

type ruleFile struct {
	Rule         string         `yaml:"rule"`
	Title        string         `yaml:"title"`
	Description  string         `yaml:"description"`
	On           Trigger        `yaml:"on"`
	Collections  []string       `yaml:"collections"`
	SQL          string         `yaml:"sql"`
	When         string         `yaml:"when"`
	Threshold    *int           `yaml:"threshold"`
	Params       map[string]any `yaml:"params"`
	Platforms    []string       `yaml:"platforms"`
	Severity     string         `yaml:"severity"`
	Message      string         `yaml:"message"`
	GroupBy      []string       `yaml:"group_by"`
	Notify       []string       `yaml:"notify"`
	Renotify     time.Duration  `yaml:"renotify"`
	ResolveAfter time.Duration  `yaml:"resolve_after"`
	Escalate     []stepFile     `yaml:"escalate"`
	Enabled      *bool          `yaml:"enabled"`
	Fixtures     []fixtureFile  `yaml:"fixtures"`
}

type stepFile struct {
	After  time.Duration `yaml:"after"`
	Notify []string      `yaml:"notify"`
}

var severities = []string{"low", "medium", "high", "critical"}

// Parse reads a rule, compiles its SQL and its expression, and runs its fixtures. Its error joins every mistake found,
// each a *document.Error with file, line and column.
func Parse(file string, text []byte, compiler *Compiler, sources Sources) (*Rule, error) {
	draft, err := Read(file, text, compiler, sources)
	if err != nil {
		return nil, err
	}
	return draft.Rule, nil
}

// Draft is what is known of a text on its way to be a rule: an editor helps with what is already right.
type Draft struct {
	Rule    *Rule               // nil while there is a mistake
	Columns []string            // of the rows that the expression sees; none before the SQL is right
	Tables  map[string][]string // that the SQL may read, with their columns; none before the collections are right
	Trials  []Trial             // of the fixtures; none before the expression is right
}

// Read is Parse for a text that is being written: beside its error it gives what is known so far.
func Read(file string, text []byte, compiler *Compiler, sources Sources) (Draft, error) {
	var f ruleFile
	d, err := document.Decode(file, text, &f)
	if err != nil {
		return Draft{}, err
	}
	p := &parsing{d: d, file: f, rule: &Rule{
		ID: f.Rule, Title: strings.TrimSpace(f.Title), Description: f.Description, On: f.On, Collections: f.Collections, SQL: f.SQL, Severity: f.Severity,
		Notify: f.Notify, Renotify: f.Renotify, ResolveAfter: f.ResolveAfter, GroupBy: f.GroupBy, Threshold: 1,
		Enabled: f.Enabled == nil || *f.Enabled, Version: versionOf(text), Text: string(text), compiler: compiler,
	}}
	p.head()
	p.times()
	p.collections(sources)
	if len(p.mistakes) == 0 { // each step builds on those before
		p.compile()
	}
	if len(p.mistakes) == 0 {
		p.fixtures(context.Background())
	}
	draft := Draft{Columns: p.rule.Columns, Trials: p.trials, Tables: map[string][]string{}}
	for _, s := range p.rule.schemas {
		draft.Tables[s.table] = s.columns
	}
	if err := errors.Join(p.mistakes...); err != nil {
		return draft, err
	}
	draft.Rule = p.rule
	return draft, nil
}

// parsing is a rule on the way from its file.
type parsing struct {
	d        *document.Document
	file     ruleFile
	rule     *Rule
	trials   []Trial
	mistakes []error
}

func (p *parsing) mistake(path string, format string, args ...any) {
	p.mistakes = append(p.mistakes, p.d.ErrorAt(fmt.Sprintf(format, args...), strings.Split(path, "/")...))
}

func (p *parsing) head() {
	f, r := &p.file, p.rule
	if !IsID(f.Rule) {
		p.mistake("rule", "rule is a name of lower-case letters, digits, . and - such as telnet-open, of at most 64 characters")
	}
	if r.Title == "" || len(r.Title) > 200 || strings.ContainsAny(r.Title, "\r\n") {
		p.mistake("title", "title is one line of 1 to 200 bytes")
	}
	if len(f.Description) > 4000 {
		p.mistake("description", "description has at most 4,000 bytes")
	}
	if !slices.Contains(triggers, f.On) {
		p.mistake("on", "on is collection, drift, finding, agent or schedule")
	}
	if !slices.Contains(severities, f.Severity) {
		p.mistake("severity", "severity is low, medium, high or critical")
	}
	if f.Threshold != nil {
		r.Threshold = *f.Threshold
	}
	if r.Threshold < 0 || r.Threshold > maxThreshold {
		p.mistake("threshold", "threshold is 0 to %d", maxThreshold)
	}
	var err error
	if r.Params, err = rules.NewParams(f.Params); err != nil {
		p.mistake("params", "%v", err)
	}
	if r.Platforms, err = tables.ParsePlatforms(strings.Join(f.Platforms, ",")); err != nil {
		p.mistake("platforms", "%v", err)
	}
	if r.Platforms == 0 {
		r.Platforms = tables.AllPlatforms
	}
	p.channels("notify", f.Notify)
	if strings.TrimSpace(f.Message) == "" {
		p.mistake("message", "message is missing: it is what people read")
	}
}

func (p *parsing) channels(path string, names []string) {
	if len(names) > maxNotify {
		p.mistake(path, "at most %d channels", maxNotify)
	}
	for i, name := range names {
		if !IsID(name) {
			p.mistake(fmt.Sprintf("%s/%d", path, i), "a channel's name has lower-case letters, digits, . and -")
		}
	}
}

func (p *parsing) times() {
	f, r := &p.file, p.rule
	within := func(path string, d, low, high time.Duration) {
		if d != 0 && (d < low || d > high) {
			p.mistake(path, "%s is %v to %v", path[strings.LastIndexByte(path, '/')+1:], low, high)
		}
	}
	within("renotify", f.Renotify, 5*time.Minute, 30*24*time.Hour)
	within("resolve_after", f.ResolveAfter, time.Minute, 90*24*time.Hour)
	if f.ResolveAfter == 0 && f.On == OnDrift {
		r.ResolveAfter = 24 * time.Hour // a change is over as soon as it has happened
	}
	if len(f.Escalate) > maxSteps {
		p.mistake("escalate", "at most %d steps", maxSteps)
	}
	last := time.Duration(0)
	for i, step := range f.Escalate {
		path := fmt.Sprintf("escalate/%d", i)
		if step.After <= last || step.After > 7*24*time.Hour {
			p.mistake(path+"/after", "after is longer than that of the step before, and at most 168h")
		}
		last = step.After
		if len(step.Notify) == 0 {
			p.mistake(path, "notify names whom to tell")
		}
		p.channels(path+"/notify", step.Notify)
		r.Escalate = append(r.Escalate, Step(step))
	}
}

// collections finds out which tables the SQL may read.
func (p *parsing) collections(sources Sources) {
	r := p.rule
	fixed := map[Trigger]schema{
		OnFinding: {table: "finding", columns: FindingColumns}, OnAgent: {table: "agent", columns: AgentColumns}, OnSchedule: {table: "schedule", columns: ScheduleColumns},
	}
	if s, ok := fixed[r.On]; ok {
		if len(r.Collections) > 0 {
			p.mistake("collections", "a rule on %s looks at the table %s, not at collections", r.On, s.table)
		}
		r.schemas = []schema{s}
		return
	}
	switch {
	case len(r.Collections) == 0:
		p.mistake("collections", "collections names what is looked at, such as pack:inventory/users")
	case len(r.Collections) > 1 && r.On == OnDrift:
		p.mistake("collections", "a rule on drift looks at one collection")
	case len(r.Collections) > 8:
		p.mistake("collections", "at most 8 collections")
	}
	for i, name := range r.Collections {
		path := fmt.Sprintf("collections/%d", i)
		find, columns := sources.Collection, []string(nil)
		if r.On == OnDrift {
			find, columns = sources.Drift, DriftColumns
		}
		known, ok := find(name)
		if !ok && r.On == OnDrift {
			p.mistake(path, "no changes of %s are kept: name it in the drift policy first", name)
			continue
		}
		if !ok {
			p.mistake(path, "nothing collects %s: name a query of a pack as pack:<pack>/<query>, or a check as check:<check>", name)
			continue
		}
		s := schema{table: TableOf(name), columns: slices.Concat(columns, known.Columns)}
		if slices.ContainsFunc(r.schemas, func(other schema) bool { return other.table == s.table }) {
			p.mistake(path, "two collections would both be the table %s", s.table)
			continue
		}
		r.schemas = append(r.schemas, s)
		r.Class = max(r.Class, known.Class)
	}
	if len(r.Collections) > 1 && r.SQL == "" {
		p.mistake("collections", "sql says how the rows of several collections come together")
	}
}

// compile checks SQL, expression, message and grouping.
func (p *parsing) compile() {
	f, r := &p.file, p.rule
	if r.SQL == "" {
		r.Columns = r.schemas[0].columns
	} else {
		columns, err := r.compiler.columns(r.schemas, r.SQL)
		if err != nil {
			var sql *engine.SQLError
			if errors.As(err, &sql) && sql.Line > 0 {
				p.mistakes = append(p.mistakes, p.d.ErrorIn(sql.Line, sql.Column, sql.Message+"; the tables are "+strings.Join(r.Tables(), ", "), "sql"))
			} else {
				p.mistake("sql", "%v", err)
			}
			return
		}
		r.Columns = columns
	}
	env := rules.Environment{Columns: r.Columns, Params: r.Params}
	var err error
	if r.When, err = rules.Compile(f.When, env); err != nil {
		p.rules(err, "when")
	}
	if r.Message, err = rules.ParseMessage(f.Message, env); err != nil {
		p.rules(err, "message")
	}
	if len(r.GroupBy) == 0 {
		r.GroupBy = []string{"agent.id"}
	}
	if len(r.GroupBy) > maxGroup {
		p.mistake("group_by", "at most %d parts", maxGroup)
	}
	for i, part := range r.GroupBy {
		switch part {
		case "agent.id", "agent.hostname", "agent.platform", "agent.os_name":
		default:
			if !slices.Contains(r.Columns, part) {
				p.mistake(fmt.Sprintf("group_by/%d", i), "group by agent.id, agent.hostname, agent.platform, agent.os_name or a column of the rows: %s", strings.Join(r.Columns, ", "))
			}
		}
	}
}

func (p *parsing) rules(err error, path string) {
	var rule *rules.Error
	if errors.As(err, &rule) {
		p.mistakes = append(p.mistakes, p.d.ErrorIn(rule.Line, rule.Column, rule.Message, path))
		return
	}
	p.mistake(path, "%v", err)
}
