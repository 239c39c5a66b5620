// Package check runs the compliance checks on this machine, without a server, and reports what they say: as text for
// people, as JSON, and as the formats of code scanners (SARIF) and of test runners (JUnit).
package check

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tenantra/tenantra/frameworks"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/queries/rules"
	"github.com/tenantra/tenantra/tables"
)

// Options say what to run.
type Options struct {
	Library *frameworks.Library // with the checks of the machine's platform
	Engine  *engine.Engine      // over the machine
	Checks  []*frameworks.Check // of the library
	// Progress is called after each check, with how many are done; nil where nobody wants to know. Calls do not overlap.
	Progress func(done, total int, title string)
}

// Report is what the checks say of one machine at one time.
type Report struct {
	Machine  Machine
	Started  time.Time
	Duration time.Duration
	Results  []Result // by severity, the worst first, then by name of the check
	Score    frameworks.Score
}

// Machine is the machine that was looked at; what it does not tell is empty.
type Machine struct {
	Hostname, OS, OSVersion, Platform string
}

// Result is what one check says.
type Result struct {
	Check *frameworks.Check
	frameworks.Judgement
	Rows []rules.Row // that were judged
	Fix  string      // of a failure, filled with the rows
	Risk string      // of the fix
}

// workers is how many statements run at once: enough to use a second core, too few to be felt.
const workers = 2

// Run runs the checks and judges them. It fails only where ctx ends: a check that cannot run is a result of it.
func Run(ctx context.Context, o Options) (*Report, error) {
	r := &runner{Options: o, answers: map[string]*answer{}}
	report := &Report{Started: time.Now(), Results: make([]Result, len(o.Checks))}
	report.Machine = r.machine(ctx)
	next := make(chan int)
	var work sync.WaitGroup
	for range workers {
		work.Go(func() {
			for i := range next {
				report.Results[i] = r.judge(ctx, o.Checks[i], report.Machine)
				r.tell(o.Checks[i])
			}
		})
	}
	for i := range o.Checks {
		next <- i
	}
	close(next)
	work.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	slices.SortFunc(report.Results, func(a, b Result) int {
		if by := rank(b.Check.Severity) - rank(a.Check.Severity); by != 0 {
			return by
		}
		return strings.Compare(a.Check.ID, b.Check.ID)
	})
	report.Score = frameworks.ScoreOf(report.verdicts())
	report.Duration = time.Since(report.Started)
	return report, nil
}

func rank(s frameworks.Severity) int { return slices.Index(frameworks.Severities, s) }

// verdicts gives the results as scores want them.
func (r *Report) verdicts() []frameworks.Result {
	out := make([]frameworks.Result, len(r.Results))
	for i, result := range r.Results {
		out[i] = frameworks.Result{Check: result.Check, Verdict: result.Verdict}
	}
	return out
}

// Worst is the highest severity of a failure; "" where nothing fails.
func (r *Report) Worst() frameworks.Severity {
	for _, result := range r.Results { // the worst come first
		if result.Verdict == frameworks.Fail {
			return result.Check.Severity
		}
	}
	return ""
}

type runner struct {
	Options

	mu      sync.Mutex
	answers map[string]*answer // by SQL: checks that ask the same share the answer
	done    int
}

// answer is what a statement gave. It is being found until ready is closed.
type answer struct {
	ready   chan struct{}
	columns []string
	rows    []rules.Row
	err     error
}

// ask runs a statement, once however many checks have it.
func (r *runner) ask(ctx context.Context, sql string) *answer {
	sql = strings.TrimSpace(sql)
	r.mu.Lock()
	a, known := r.answers[sql]
	if !known {
		a = &answer{ready: make(chan struct{})}
		r.answers[sql] = a
	}
	r.mu.Unlock()
	if known {
		<-a.ready
		return a
	}
	defer close(a.ready)
	result, _, err := engine.Collect(ctx, r.Engine, engine.Statement{SQL: sql, Limits: engine.ScheduledLimits})
	a.columns, a.err = result.Columns, err
	a.rows = frameworks.RowsOf(result.Columns, result.Rows)
	return a
}

func (r *runner) judge(ctx context.Context, check *frameworks.Check, m Machine) Result {
	given := frameworks.Answer{Agent: rules.Agent{Hostname: m.Hostname, Platform: m.Platform, OSName: m.OS, OSVersion: m.OSVersion}}
	if check.Applies != "" {
		applies := r.ask(ctx, check.Applies)
		given.Applies, given.Err = applies.rows, applies.err
	}
	if given.Err == nil && (check.Applies == "" || len(given.Applies) > 0) {
		rows := r.ask(ctx, check.SQL)
		given.Rows, given.Err = rows.rows, rows.err
	}
	out := Result{Check: check, Judgement: check.Judge(given), Rows: given.Rows}
	fix := r.Library.Fix(check.Fix)
	if out.Verdict != frameworks.Fail || fix == nil {
		return out
	}
	text, err := check.FillFix(fix, given, out.Failing)
	if err != nil {
		out.Judgement = frameworks.Judgement{Verdict: frameworks.Error, Message: err.Error()}
		return out
	}
	out.Fix, out.Risk = text, fix.Risk
	return out
}

func (r *runner) tell(check *frameworks.Check) {
	if r.Progress == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done++
	r.Progress(r.done, len(r.Checks), check.Title)
}

// machine asks who is looked at. What no table tells stays empty.
func (r *runner) machine(ctx context.Context) Machine {
	var m Machine
	for _, row := range r.ask(ctx, "SELECT name, version FROM os_version").rows {
		m.OS, m.OSVersion = text(row["name"]), text(row["version"])
	}
	for _, row := range r.ask(ctx, "SELECT hostname FROM system_info").rows {
		m.Hostname = text(row["hostname"])
	}
	var platforms tables.Platforms
	for _, c := range r.Checks {
		platforms |= c.Platforms
	}
	m.Platform = platforms.String()
	return m
}

// text shows a cell.
func text(cell any) string {
	switch v := cell.(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		return fmt.Sprint(v)
	}
}

// cells gives the columns of a row in the order in which the check's SQL has them, with those that failed.
func (r *Result) cells(blame rules.Blame) []cell {
	row := r.Rows[blame.Row]
	columns := r.Check.Columns
	if len(columns) == 0 {
		columns = slices.Sorted(maps.Keys(row))
	}
	out := make([]cell, len(columns))
	for i, column := range columns {
		out[i] = cell{column, text(row[column]), slices.Contains(blame.Columns, column)}
	}
	return out
}

type cell struct {
	column, value string
	failed        bool
}
