package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/dlclark/regexp2"

	"github.com/tenantra/tenantra/tables"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		regexp2.StopTimeoutClock()
	}))
}

// here is the platform of the test's own build; away is another.
var (
	here, _ = tables.ParsePlatforms(runtime.GOOS)
	away    = map[bool]tables.Platforms{true: tables.Darwin, false: tables.Windows}[here == tables.Windows]
)

// newEngine makes an engine that is closed with the test.
func newEngine(t testing.TB, list ...*tables.Table) *Engine {
	t.Helper()
	return newEngineWith(t, Options{Tables: list})
}

func newEngineWith(t testing.TB, o Options) *Engine {
	t.Helper()
	e, err := New(o)
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

// rows runs a statement and gives its rows as text: cells joined by |, NULL as ~.
func rows(t testing.TB, e *Engine, sql string) []string {
	t.Helper()
	result, _, err := Collect(t.Context(), e, Statement{SQL: sql})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return lines(result)
}

func lines(r *Result) []string {
	out := []string{}
	for _, row := range r.Rows {
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = show(v)
		}
		out = append(out, strings.Join(cells, "|"))
	}
	return out
}

func show(v tables.Value) string {
	switch v.Kind {
	case tables.ValueInt:
		return fmt.Sprint(v.Int)
	case tables.ValueFloat:
		return string(appendJSONFloat(nil, v.Float))
	case tables.ValueText:
		return v.Text
	case tables.ValueBlob:
		return fmt.Sprintf("x'%x'", v.Text)
	default:
		return "~"
	}
}

func expect(t testing.TB, e *Engine, sql string, want ...string) {
	t.Helper()
	got := rows(t, e, sql)
	if len(got) != len(want) {
		t.Errorf("%s\n gives %d rows %q\n  want %d rows %q", sql, len(got), got, len(want), want)
		return
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%s\n row %d is %q, want %q", sql, i, got[i], want[i])
		}
	}
}

// fails runs a statement that must fail with a text, and gives the error.
func fails(t testing.TB, e *Engine, sql, text string) error {
	t.Helper()
	_, _, err := Collect(t.Context(), e, Statement{SQL: sql})
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("%s\n error is %v, want one with %q", sql, err, text)
	}
	return err
}

// alive checks that the engine still answers.
func alive(t testing.TB, e *Engine) {
	t.Helper()
	expect(t, e, "SELECT 1 + 1", "2")
}

func wantLimit(t testing.TB, err error, limit string) {
	t.Helper()
	var l *LimitError
	if !errors.As(err, &l) || l.Limit != limit {
		t.Errorf("error is %v, want the %s limit", err, limit)
	}
}

type process struct {
	PID     int64               `col:"pid,process_id" doc:"." opt:"index"`
	Name    string              `col:"name" doc:"."`
	Path    string              `col:"path" doc:"." opt:"additional"`
	Memory  tables.Null[int64]  `col:"resident_size" doc:"."`
	Load    float64             `col:"load" doc:"."`
	Cmdline tables.Null[string] `col:"cmdline" doc:"." class:"content"`
	Raw     []byte              `col:"raw" doc:"."`
	Secret  string              `col:"secret" doc:"." opt:"hidden" class:"secret"`
	Foreign int64               `col:"foreign" doc:"." os:"windows,darwin,linux"`
	Cached  string              // no column
}

var someProcesses = []process{
	{PID: 1, Name: "init", Path: "/sbin/init", Memory: tables.Some(int64(4096)), Load: 0.5, Cmdline: tables.Some("/sbin/init"), Raw: []byte{0, 255}},
	{PID: 2, Name: "kthreadd", Load: 0},
	{PID: 7, Name: "nginx", Path: "/usr/sbin/nginx", Memory: tables.Some(int64(1 << 20)), Load: 1.25, Cmdline: tables.Some("nginx -g x")},
	{PID: 8, Name: "nginx", Path: "/usr/sbin/nginx", Memory: tables.Some(int64(1 << 21)), Load: 3, Cmdline: tables.Some("")},
}

// asked is a question that a generator got.
type asked struct {
	Equal, Like, Glob []string
	Low, High         tables.Bound
	Limit             int64
	Wants             []string
}

// recorder keeps what generators were asked.
type recorder struct{ questions []asked }

func (r *recorder) last() asked { return r.questions[len(r.questions)-1] }

func (r *recorder) note(t *tables.Table, q *tables.Query, column string) {
	a := asked{Equal: q.Equal(column), Like: q.Like(column), Limit: -1}
	a.Low, a.High = q.Range(column)
	if n, ok := q.Limit(); ok {
		a.Limit = n
	}
	for i := range t.Columns() {
		if q.Wants(t.Columns()[i].Name) {
			a.Wants = append(a.Wants, t.Columns()[i].Name)
		}
	}
	r.questions = append(r.questions, a)
}

// processesTable emits all processes, whatever it is asked, as a careless generator may.
func processesTable(r *recorder) *tables.Table {
	var table *tables.Table
	table = tables.Define(tables.Spec{Name: "processes", Aliases: []string{"procs"}, Platforms: tables.AllPlatforms},
		func(_ context.Context, _ tables.Host, q *tables.Query, emit func(*process) error) error {
			if r != nil {
				r.note(table, q, "pid")
			}
			for i := range someProcesses {
				if err := emit(&someProcesses[i]); err != nil {
					return err
				}
			}
			return nil
		})
	return table
}

func TestSelect(t *testing.T) {
	t.Parallel()
	e := newEngine(t, processesTable(nil))
	for _, c := range []struct {
		sql  string
		want []string
	}{
		{"SELECT * FROM processes WHERE pid = 1", []string{"1|init|/sbin/init|4096|0.5|/sbin/init|x'00ff'|0"}},
		{"SELECT * FROM processes WHERE pid = 2", []string{"2|kthreadd||~|0.0|~|~|0"}},
		{"SELECT count(*) FROM processes", []string{"4"}},
		{"SELECT pid FROM processes WHERE name LIKE 'NGI%'", []string{"7", "8"}},
		{"SELECT name, count(*), sum(resident_size) FROM processes GROUP BY name ORDER BY 1", []string{"init|1|4096", "kthreadd|1|~", "nginx|2|3145728"}},
		{"SELECT a.pid, b.pid FROM processes a JOIN processes b ON a.name = b.name AND a.pid < b.pid", []string{"7|8"}},
		{"SELECT process_id FROM processes WHERE process_id = '7'", []string{"7"}},
		{"SELECT p.pid FROM procs p WHERE pid > 7", []string{"8"}},
		{"SELECT typeof(pid), typeof(name), typeof(load), typeof(raw), typeof(resident_size) FROM processes WHERE pid = 2", []string{"integer|text|real|null|null"}},
		{`SELECT "double quoted" AS x`, []string{"double quoted"}},
		{"SELECT secret FROM processes LIMIT 1", []string{""}},
		{"WITH p AS (SELECT pid FROM processes) SELECT count(*) FROM p", []string{"4"}},
		{"SELECT pid FROM processes WHERE EXISTS (SELECT 1 FROM processes q WHERE q.pid = processes.pid + 1)", []string{"1", "7"}},
		{"SELECT value FROM json_each('[1,\"a\"]')", []string{"1", "a"}},
		{"SELECT pid FROM processes LIMIT 1; SELECT pid FROM processes WHERE pid = 8;", []string{"1", "8"}},
		{"SELECT DISTINCT name FROM processes", []string{"init", "kthreadd", "nginx"}},
		{"SELECT pid, row_number() OVER (ORDER BY pid DESC) FROM processes ORDER BY pid LIMIT 2", []string{"1|4", "2|3"}},
		{"-- a comment\nSELECT 1 -- another", []string{"1"}},
	} {
		expect(t, e, c.sql, c.want...)
	}
}

func platformOf(t testing.TB, name string) tables.Platforms {
	t.Helper()
	p, err := tables.ParsePlatforms(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
