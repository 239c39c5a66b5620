package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/tables"
)

// What a generator is asked for by a condition on a column.
func TestPushedConstraints(t *testing.T) {
	t.Parallel()
	inclusive := func(v string) tables.Bound { return tables.Bound{Value: v, Inclusive: true, Set: true} }
	exclusive := func(v string) tables.Bound { return tables.Bound{Value: v, Set: true} }
	notCalled := []string{"(not called)"}
	for _, c := range []struct {
		column, where string
		equal         []string
		low, high     tables.Bound
	}{
		{column: "int", where: "int = 12", equal: []string{"12"}},
		{column: "int", where: "int = '12'", equal: []string{"12"}},
		{column: "int", where: "int = ' 12.0 '", equal: []string{"12"}},
		{column: "int", where: "int = 12.0", equal: []string{"12"}},
		{column: "int", where: "int = 12.5", equal: []string{"12.5"}},
		{column: "int", where: "int = 'abc'", equal: []string{"abc"}},
		{column: "int", where: "int = '0x10'", equal: []string{"0x10"}},
		{column: "int", where: "int = NULL", equal: notCalled},
		{column: "int", where: "int IN (1, NULL, '2', 1)", equal: []string{"1", "2"}},
		{column: "int", where: "int IN (NULL)", equal: notCalled},
		{column: "int", where: "int IN (SELECT 1 WHERE 0)", equal: notCalled},
		{column: "int", where: "int IN (SELECT value FROM json_each('[3,4]'))", equal: []string{"3", "4"}},
		{column: "int", where: "int = 1 OR int = 2", equal: []string{"1", "2"}},
		{column: "int", where: "int NOT IN (1, 2)"},
		{column: "int", where: "int <> 1"},
		{column: "int", where: "int IS NULL"},
		{column: "int", where: "int + 0 = 1"},
		{column: "int", where: "int > 3 AND int <= '7'", low: exclusive("3"), high: inclusive("7")},
		{column: "int", where: "int BETWEEN 3 AND 7", low: inclusive("3"), high: inclusive("7")},
		{column: "int", where: "int < 'abc'"},
		{column: "int", where: "int > NULL", equal: notCalled},
		{column: "uint", where: "uint = '18446744073709551615'", equal: []string{"1.8446744073709552e+19"}},
		{column: "real", where: "real >= 1.5", low: inclusive("1.5")},
		{column: "real", where: "real = '2'", equal: []string{"2"}},
		{column: "text", where: "text = 12", equal: []string{"12"}},
		{column: "text", where: "text = 1.5", equal: []string{"1.5"}},
		{column: "text", where: "text > 'a'"},
		{column: "text", where: "text BETWEEN 'a' AND 'b'"},
	} {
		q := questionOf(t, c.column, c.where)
		if slices.Sort(q.Equal); !slices.Equal(q.Equal, c.equal) || q.Low != c.low || q.High != c.high {
			t.Errorf("%s asks %q %+v %+v, want %q %+v %+v", c.where, q.Equal, q.Low, q.High, c.equal, c.low, c.high)
		}
	}
}

// LIMIT reaches the generator only where nothing else decides which rows count.
func TestPushedLimit(t *testing.T) {
	t.Parallel()
	var r recorder
	e := newEngine(t, processesTable(&r))
	for _, c := range []struct {
		sql  string
		want int64
	}{
		{"SELECT pid FROM processes LIMIT 2", 2},
		{"SELECT pid FROM processes LIMIT 2 OFFSET 1", 3},
		{"SELECT pid FROM processes LIMIT 1, 2", 3},
		{"SELECT pid FROM processes LIMIT -1", -1},
		{"SELECT pid FROM processes WHERE pid > 0 LIMIT 2", -1},
		{"SELECT pid FROM processes WHERE length(name) > 4 LIMIT 2", -1},
		{"SELECT pid FROM processes WHERE name = 'nginx' LIMIT 2", -1},
		{"SELECT pid FROM processes ORDER BY pid LIMIT 2", -1},
		{"SELECT DISTINCT name FROM processes LIMIT 2", -1},
		{"SELECT count(*) FROM processes GROUP BY name LIMIT 2", -1},
		{"SELECT count(*) FROM processes LIMIT 2", -1},
		{"SELECT a.pid FROM processes a, processes b LIMIT 2", -1},
		{"SELECT pid FROM processes UNION ALL SELECT pid FROM processes LIMIT 6", 6},
		{"SELECT pid FROM (SELECT pid FROM processes LIMIT 3) WHERE pid > 1", 3},
	} {
		r.questions = nil
		got := rows(t, e, c.sql)
		want := rows(t, e, strings.Replace(c.sql, "FROM processes", "FROM (SELECT * FROM processes ORDER BY +pid)", 1))
		if c.want >= 0 && !slices.Equal(got, want) {
			t.Errorf("%s gives %v, want %v", c.sql, got, want)
		}
		if r.questions[0].Limit != c.want {
			t.Errorf("%s asks for limit %d, want %d", c.sql, r.questions[0].Limit, c.want)
		}
	}
}

type kinds struct {
	Int64   int64                `col:"int64" doc:"."`
	Int32   int32                `col:"int32" doc:"."`
	Uint32  uint32               `col:"uint32" doc:"."`
	Uint16  uint16               `col:"uint16" doc:"."`
	Uint8   uint8                `col:"uint8" doc:"."`
	Bool    bool                 `col:"bool" doc:"."`
	Float   float64              `col:"float" doc:"."`
	String  string               `col:"string" doc:"."`
	Bytes   []byte               `col:"bytes" doc:"."`
	NullInt tables.Null[int64]   `col:"null_int" doc:"."`
	NullF   tables.Null[float64] `col:"null_float" doc:"."`
	NullS   tables.Null[string]  `col:"null_string" doc:"."`
	Value   tables.Value         `col:"value" doc:"."`
	AsText  int64                `col:"as_text" doc:"." type:"TEXT"`
	FText   float64              `col:"float_text" doc:"." type:"TEXT"`
}

func TestKinds(t *testing.T) {
	t.Parallel()
	all := []kinds{
		{-1 << 63, -1 << 31, 1<<32 - 1, 1<<16 - 1, 255, true, 1.5, "text", []byte{1}, tables.Some(int64(-5)), tables.Some(2.5), tables.Some("s"), tables.Value{Kind: tables.ValueInt, Int: 9}, 12, 0.5},
		{Value: tables.Value{Kind: tables.ValueFloat, Float: 2}, Bytes: []byte{}},
		{Value: tables.Value{Kind: tables.ValueText, Text: "v"}},
		{Value: tables.Value{Kind: tables.ValueBlob, Text: "\x00v"}},
	}
	table := tables.Define(tables.Spec{Name: "kinds", Platforms: tables.AllPlatforms},
		func(_ context.Context, _ tables.Host, _ *tables.Query, emit func(*kinds) error) error {
			for i := range all {
				if err := emit(&all[i]); err != nil {
					return err
				}
			}
			return nil
		})
	e := newEngine(t, table)
	expect(t, e, "SELECT * FROM kinds",
		"-9223372036854775808|-2147483648|4294967295|65535|255|1|1.5|text|x'01'|-5|2.5|s|9|12|0.5",
		"0|0|0|0|0|0|0.0||x''|~|~|~|2.0|0|0.0",
		"0|0|0|0|0|0|0.0||~|~|~|~|v|0|0.0",
		"0|0|0|0|0|0|0.0||~|~|~|~|x'0076'|0|0.0")
	expect(t, e, "SELECT typeof(as_text), as_text = 12, typeof(bool), typeof(float) FROM kinds LIMIT 1", "text|1|integer|real")
	expect(t, e, "SELECT typeof(value) FROM kinds", "integer", "real", "text", "blob")
}

type extended struct {
	Always int64  `col:"always" doc:"."`
	There  string `col:"there" doc:"." opt:"index"`
	Mine   string `col:"mine" doc:"."`
}

// A column of another platform is hidden and NULL, and its generator is never asked for it.
func TestExtendedColumns(t *testing.T) {
	t.Parallel()
	generate := func(_ context.Context, _ tables.Host, q *tables.Query, emit func(*extended) error) error {
		if q.Wants("there") || q.Equal("there") != nil {
			return errors.New("asked for a column of another platform")
		}
		return emit(&extended{1, "value", "mine"})
	}
	table := tables.Define(tables.Spec{Name: "extended", Platforms: tables.AllPlatforms}, generate)
	table.Columns()[1].OS, table.Columns()[2].OS = away, here
	e := newEngine(t, table)
	expect(t, e, "SELECT * FROM extended", "1|mine")
	expect(t, e, "SELECT there, always FROM extended", "~|1")
	expect(t, e, "SELECT always FROM extended WHERE there = 'x'")
	expect(t, e, "SELECT always FROM extended WHERE there IS NULL", "1")
	other := newEngineWith(t, Options{Tables: []*tables.Table{table}, Platform: away})
	if a, err := other.Check("SELECT * FROM extended"); err != nil || !slices.Equal(a.Columns, []string{"always", "there"}) {
		t.Errorf("elsewhere the columns are %v, error %v", a, err)
	}
}

func TestPlatforms(t *testing.T) {
	t.Parallel()
	absent := tables.Define[extended](tables.Spec{Name: "absent", Platforms: away}, nil)
	empty := tables.Define[extended](tables.Spec{Name: "empty", Platforms: here}, nil)
	list := []*tables.Table{absent, empty}
	e := newEngineWith(t, Options{Tables: list})
	err := fails(t, e, "SELECT * FROM absent", "no such table: absent (exists on "+away.String()+")")
	if failed := (*SQLError)(nil); !errors.As(err, &failed) || failed.Code != CodeNoTable {
		t.Errorf("error is %#v", err)
	}
	fails(t, e, "SELECT * FROM nowhere", "no such table: nowhere")
	err = fails(t, e, "SELECT * FROM empty", "table empty has no source of data in this build")
	if !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("error is %#v", err)
	}
	lint := newEngineWith(t, Options{Tables: list, Platform: away})
	if _, err := lint.Check("SELECT there FROM absent"); err != nil {
		t.Error(err)
	}
	fails(t, lint, "SELECT there FROM absent", "belongs to another platform")
	if _, err := New(Options{Tables: []*tables.Table{empty, empty}}); err == nil {
		t.Error("two tables of one name are taken")
	}
	wrong := tables.DefineValues(tables.Spec{Name: "wrong", Platforms: here},
		[]tables.Column{{Name: "a", Type: tables.Text, Doc: "."}, {Name: "A", Type: tables.Text, Doc: "."}}, nil)
	if _, err := newEngine(t, wrong).Check("SELECT * FROM wrong"); err == nil || !strings.Contains(err.Error(), "table wrong cannot be declared: duplicate column name") {
		t.Errorf("a wrong schema is answered %v", err)
	}
}

// SECURITY-MODEL S38.
func TestRefused(t *testing.T) {
	t.Parallel()
	e := newEngine(t, processesTable(nil))
	for _, c := range []struct{ sql, text string }{
		{"ATTACH 'x.db' AS x", "ATTACH is not allowed"},
		{"DETACH main", "DETACH is not allowed"},
		{"PRAGMA journal_mode", "PRAGMA is not allowed"},
		{"PRAGMA table_info(processes)", "PRAGMA is not allowed"},
		{"SELECT * FROM pragma_table_info('processes')", "pragma_table_info is not allowed"},
		{"SELECT * FROM pragma_function_list", "pragma_function_list is not allowed"},
		{"SELECT load_extension('x')", "not allowed"},
		{"SELECT fts3_tokenizer('x')", "fts3_tokenizer"},
		{"SELECT sqlite_compileoption_get(0)", "the function sqlite_compileoption_get is not allowed"},
		{"SELECT json_patch('{}', '{}')", "the function json_patch is not allowed"},
		{"SELECT readfile('/etc/passwd')", "no such function"},
		{"SELECT writefile('/tmp/x', 'x')", "no such function"},
		{"SELECT edit('x')", "no such function"},
		{"CREATE TABLE x(y)", "is not allowed: only SELECT statements can be run"},
		{"CREATE TEMP TABLE x(y)", "is not allowed: only SELECT statements can be run"},
		{"CREATE TABLE x AS SELECT 1", "is not allowed: only SELECT statements can be run"},
		{"CREATE VIEW x AS SELECT 1", "is not allowed: only SELECT statements can be run"},
		{"CREATE VIRTUAL TABLE x USING processes", "not allowed"},
		{"CREATE TRIGGER x INSERT ON y BEGIN SELECT 1; END", "no such table"},
		{"INSERT INTO processes(pid) VALUES (1)", "not"},
		{"UPDATE processes SET pid = 1", "not"},
		{"DELETE FROM processes", "not"},
		{"DROP TABLE processes", "not"},
		{"INSERT INTO sqlite_schema VALUES (1, 2, 3, 4, 5)", "not"},
		{"SELECT * FROM sqlite_master", "reading sqlite_master is not allowed"},
		{"SELECT 1 FROM sqlite_schema", "reading sqlite_schema is not allowed"},
		{"SELECT * FROM sqlite_temp_master", "reading sqlite_temp_master is not allowed"},
		{"SELECT * FROM dbstat", "no such table: dbstat"},
		{"SELECT * FROM sqlite_dbpage", "no such table: sqlite_dbpage"},
		{"SELECT * FROM bytecode('SELECT 1')", "no such table: bytecode"},
		{"SELECT * FROM fts5vocab", "no such table: fts5vocab"},
		{"SELECT _identity FROM processes", "no such column: _identity"},
		{"BEGIN", "a transaction is not allowed"},
		{"SAVEPOINT x", "SAVEPOINT is not allowed"},
		{"VACUUM", "only SELECT"},
		{"VACUUM INTO '/tmp/x'", "only SELECT"},
		{"ANALYZE", "is not allowed: only SELECT statements can be run"},
		{"REINDEX", "only SELECT statements can be run"},
		{"SELECT 1; DROP TABLE processes", "not"},
	} {
		ran := false
		_, err := e.Query(t.Context(), Statement{SQL: c.sql}, sinkFunc(func(*Row) error { ran = true; return nil }))
		if err == nil || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: error is %v, want %q", c.sql, err, c.text)
		}
		if ran {
			t.Errorf("%s: a row came before the refusal", c.sql)
		}
		alive(t, e)
	}
}

// The list of SQLite's functions names none that is not there: a wrong name would hide that the right one is missing.
func TestFunctionList(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	for _, name := range builtinFunctions {
		if strings.HasPrefix(name, "-") || name == "json_each" || name == "json_tree" {
			continue // operators and tables
		}
		if _, err := e.Check("SELECT " + name + "()"); err != nil && strings.Contains(err.Error(), "no such function") {
			t.Errorf("the list allows %s, which is not there", name)
		}
		if ours(name) {
			t.Errorf("%s is ours and on the list", name)
		}
	}
}

func TestAllow(t *testing.T) {
	t.Parallel()
	e := newEngine(t, processesTable(nil), fileTable(nil))
	refusal := errors.New("content needs a permission")
	var asked []string
	allow := func(r TableRef) error {
		asked = append(asked, fmt.Sprint(r.Table.Name, r.Columns, " ", r.Class()))
		if r.Class() >= tables.ClassContent {
			return refusal
		}
		return nil
	}
	if _, _, err := Collect(t.Context(), e, Statement{SQL: "SELECT pid, name FROM processes; SELECT pid, name FROM procs", Allow: allow}); err != nil {
		t.Error(err)
	}
	result, stats, err := Collect(t.Context(), e, Statement{SQL: "SELECT 1 AS pid; SELECT pid FROM processes WHERE cmdline LIKE '%x%'", Allow: allow})
	if !errors.Is(err, refusal) || len(result.Rows) != 0 || stats.Rows != 0 {
		t.Errorf("error is %v after %d rows", err, len(result.Rows))
	}
	if want := []string{"processes[name pid] inventory", "processes[cmdline pid] content"}; !slices.Equal(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	e := newEngine(t, processesTable(nil))
	for _, c := range []struct {
		sql, text    string
		code         Code
		offset       int
		line, column int
	}{
		{"SELEC 1", `near "SELEC": syntax error`, CodeSyntax, 0, 1, 1},
		{"SELECT 1 +", "incomplete input", CodeSyntax, -1, 0, 0},
		{"SELECT nope FROM processes", "no such column: nope", CodeSyntax, 7, 1, 8},
		{"SELECT pid,\n  nope\nFROM processes", "no such column: nope", CodeSyntax, 14, 2, 3},
		{"SELECT 1;\nSELECT nope FROM processes", "no such column: nope", CodeSyntax, 17, 2, 8},
		{"SELECT nope(1)", "no such function: nope", CodeSyntax, 7, 1, 8},
		{"", "the text has no statement", CodeSyntax, -1, 0, 0},
		{" -- nothing\n;;", "the text has no statement", CodeSyntax, -1, 0, 0},
		{"SELECT 1\x00", "NUL", CodeSyntax, 8, 1, 9},
		{"SELECT 1 AS a; SELECT 2 AS b", "must give the same columns", CodeRun, -1, 0, 0},
		{"SELECT json_extract('[', '$')", "malformed JSON", CodeRun, -1, 0, 0},
	} {
		_, _, err := Collect(t.Context(), e, Statement{SQL: c.sql})
		failed := (*SQLError)(nil)
		if !errors.As(err, &failed) {
			t.Errorf("%q: error is %v", c.sql, err)
			continue
		}
		if !strings.Contains(failed.Message, c.text) || failed.Code != c.code || failed.Offset != c.offset || failed.Line != c.line || failed.Column != c.column {
			t.Errorf("%q: error is %+v", c.sql, *failed)
		}
	}
}

type oneColumn struct {
	X int64 `col:"x" doc:"." opt:"index"`
}

func generated(name string, generate tables.Generator[oneColumn]) *tables.Table {
	return tables.Define(tables.Spec{Name: name, Platforms: tables.AllPlatforms}, generate)
}

// A table's error keeps its text and its cause; a panic ends only the statement.
func TestTableErrors(t *testing.T) {
	t.Parallel()
	cause := errors.New("the registry is gone")
	failing := generated("failing", func(_ context.Context, _ tables.Host, _ *tables.Query, emit func(*oneColumn) error) error {
		for i := range int64(1000) {
			if err := emit(&oneColumn{i}); err != nil {
				return err
			}
		}
		return fmt.Errorf("read: %w", cause)
	})
	panicking := generated("panicking", func(_ context.Context, _ tables.Host, q *tables.Query, emit func(*oneColumn) error) error {
		if err := emit(&oneColumn{1}); err != nil {
			return err
		}
		q.Wants("no_such_column")
		return nil
	})
	e := newEngine(t, failing, panicking, processesTable(nil))
	err := fails(t, e, "SELECT x FROM failing", "table failing: read: the registry is gone")
	if failed := (*SQLError)(nil); !errors.Is(err, cause) || !errors.As(err, &failed) || failed.Code != CodeTable {
		t.Errorf("error is %#v", err)
	}
	expect(t, e, "SELECT x FROM failing LIMIT 1", "0")
	fails(t, e, "SELECT p.pid FROM processes p JOIN failing ON x = p.pid", "the registry is gone")
	for range 3 {
		fails(t, e, "SELECT x FROM panicking", `table panicking: internal error: table panicking has no column "no_such_column"`)
		alive(t, e)
	}
	stop := errors.New("enough")
	_, err = e.Query(t.Context(), Statement{SQL: "SELECT x FROM failing"}, sinkFunc(func(*Row) error { return stop }))
	if err != stop { //nolint:errorlint // it must come back as it is
		t.Errorf("the sink's error came back as %v", err)
	}
}

// A sink that panics, or ends its goroutine, costs the connection and nothing else.
func TestSinkPanics(t *testing.T) {
	t.Parallel()
	e := newEngineWith(t, Options{Tables: []*tables.Table{fountain()}, Pool: 1})
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the sink's panic was swallowed")
			}
		}()
		_, _ = e.Query(t.Context(), Statement{SQL: "SELECT n FROM fountain"}, sinkFunc(func(*Row) error { panic("sink") }))
	}()
	alive(t, e)
}

// Generators that still run are unwound through emit, by LIMIT, by an error and when a cursor starts anew; the package's
// TestMain sees that no goroutine is left.
func TestEarlyStop(t *testing.T) {
	t.Parallel()
	var started, unwound atomic.Int64
	endless := generated("endless", func(_ context.Context, _ tables.Host, q *tables.Query, emit func(*oneColumn) error) error {
		started.Add(1)
		for i := int64(0); ; i++ {
			if err := emit(&oneColumn{i}); err != nil {
				if errors.Is(err, tables.ErrStop) {
					unwound.Add(1)
				}
				return fmt.Errorf("emit: %w", err)
			}
		}
	})
	stubborn := generated("stubborn", func(_ context.Context, _ tables.Host, _ *tables.Query, emit func(*oneColumn) error) error {
		for i := range int64(5000) {
			_ = emit(&oneColumn{i}) // a mistake, which must do no harm
		}
		return nil
	})
	e := newEngine(t, endless, stubborn, processesTable(nil))
	for _, c := range []struct {
		sql  string
		want []string
	}{
		{"SELECT x FROM endless LIMIT 2", []string{"0", "1"}},
		{"SELECT x FROM endless LIMIT 1 OFFSET 1000", []string{"1000"}},
		{"SELECT a.x, b.x FROM endless a, endless b WHERE b.x = 3 LIMIT 1", []string{"0|3"}},
		{"SELECT pid, EXISTS (SELECT 1 FROM endless WHERE x > pid) FROM processes", []string{"1|1", "2|1", "7|1", "8|1"}},
		{"SELECT pid, (SELECT x FROM endless WHERE x > 300 + pid LIMIT 1) FROM processes", []string{"1|302", "2|303", "7|308", "8|309"}},
		{"SELECT (SELECT x FROM stubborn WHERE x > 300 + pid LIMIT 1) FROM processes", []string{"302", "303", "308", "309"}},
	} {
		expect(t, e, c.sql, c.want...)
	}
	if started.Load() == 0 || started.Load() != unwound.Load() {
		t.Errorf("%d generators started, %d were unwound", started.Load(), unwound.Load())
	}
	if _, _, err := Collect(t.Context(), e, Statement{SQL: "SELECT x FROM stubborn", Limits: Limits{Rows: 10}}); err == nil {
		t.Error("no limit")
	}
	alive(t, e)
}

// An expensive table is not asked for a whole batch before the first row is used.
func TestExpensiveTablesAreLazy(t *testing.T) {
	t.Parallel()
	made := 0
	costly := tables.Define(tables.Spec{Name: "costly", Platforms: tables.AllPlatforms, Cost: tables.Expensive},
		func(_ context.Context, _ tables.Host, _ *tables.Query, emit func(*oneColumn) error) error {
			for i := range int64(1000) {
				made++
				if err := emit(&oneColumn{i}); err != nil {
					return err
				}
			}
			return nil
		})
	e := newEngine(t, costly)
	expect(t, e, "SELECT x FROM costly WHERE x >= 0 LIMIT 1", "0")
	if made > 2 {
		t.Errorf("%d rows were made for one", made)
	}
	expect(t, e, "SELECT count(*), sum(x) FROM costly", "1000|499500")
}

// A table that is asked for one key answers without a coroutine, until a key turns out to have more rows than a batch holds.
func TestKeysAreAskedForDirectly(t *testing.T) {
	t.Parallel()
	type part struct {
		Key string `col:"key" doc:"." opt:"index"`
		N   int64  `col:"n" doc:"."`
	}
	parts := map[string]int64{"few": 3, "many": 1000, "none": 0}
	runs := map[string]int{}
	table := tables.Define(tables.Spec{Name: "parts", Platforms: tables.AllPlatforms},
		func(_ context.Context, _ tables.Host, q *tables.Query, emit func(*part) error) error {
			for _, key := range q.Equal("key") {
				runs[key]++
				switch key {
				case "panics":
					panic("broken part")
				case "fails":
					return errors.New("no such part")
				}
				for n := range parts[key] {
					if err := emit(&part{key, n}); err != nil {
						return err
					}
				}
			}
			return nil
		})
	for _, c := range []struct {
		sql  string
		want []string
		runs map[string]int
	}{
		{"SELECT n FROM parts WHERE key = 'few'", []string{"0", "1", "2"}, map[string]int{"few": 1}},
		{"SELECT count(*), sum(n) FROM parts WHERE key = 'many'", []string{"1000|499500"}, map[string]int{"many": 2}},
		{"WITH keys(k) AS (VALUES ('few'), ('none'), ('many'), ('many'), ('few')) SELECT k, count(n) FROM keys LEFT JOIN parts ON key = k GROUP BY k",
			[]string{"few|6", "many|2000", "none|0"}, map[string]int{"few": 2, "many": 3, "none": 1}},
		{"SELECT n FROM parts WHERE key = 'many' LIMIT 1 OFFSET 700", []string{"700"}, map[string]int{"many": 2}},
		{"SELECT count(*) FROM parts WHERE key IN ('few', 'many')", []string{"1003"}, map[string]int{"few": 1, "many": 1}},
	} {
		clear(runs)
		e := newEngine(t, table)
		expect(t, e, c.sql, c.want...)
		if diff := cmp.Diff(c.runs, runs); diff != "" {
			t.Errorf("%s: runs of each key (- wanted, + got):\n%s", c.sql, diff)
		}
	}
	e := newEngine(t, table)
	for sql, want := range map[string]string{
		"SELECT n FROM parts WHERE key = 'panics'": "internal error: broken part",
		"SELECT n FROM parts WHERE key = 'fails'":  "no such part",
	} {
		if _, _, err := Collect(t.Context(), e, Statement{SQL: sql}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", sql, err, want)
		}
		alive(t, e)
	}
	_, stats, err := Collect(t.Context(), e, Statement{SQL: "SELECT n FROM parts WHERE key = 'many'"})
	if err != nil || stats.Tables[0].Calls != 1 || stats.Tables[0].Rows != 1000 {
		t.Errorf("the table cost %+v, %v", stats.Tables, err)
	}
}

func TestStats(t *testing.T) {
	t.Parallel()
	e := newEngine(t, processesTable(nil), numbers(1000))
	_, stats, err := Collect(t.Context(), e, Statement{SQL: "SELECT p.name, n FROM processes p JOIN numbers ON n = p.pid"})
	if err != nil {
		t.Fatal(err)
	}
	if stats.Rows != 4 || stats.Bytes != int64(len("initkthreaddnginxnginx")+4*8) || stats.Wall <= 0 {
		t.Errorf("stats are %+v", stats)
	}
	if len(stats.Tables) != 2 || stats.Tables[0].Name != "numbers" || stats.Tables[1].Name != "processes" {
		t.Fatalf("tables are %+v", stats.Tables)
	}
	if n := stats.Tables[0]; n.Calls != 4 || n.Rows != 4000 || n.Wall <= 0 {
		t.Errorf("numbers cost %+v", n)
	}
	if p := stats.Tables[1]; p.Calls != 1 || p.Rows != 4 {
		t.Errorf("processes cost %+v", p)
	}
}

// Generators share a cache during a statement, and only then.
func TestCache(t *testing.T) {
	t.Parallel()
	made := 0
	cached := generated("cached", func(_ context.Context, _ tables.Host, q *tables.Query, emit func(*oneColumn) error) error {
		n, err := tables.Cached(q.Cache(), "key", func() (int64, error) {
			made++
			return int64(made), nil
		})
		if err != nil {
			return err
		}
		return emit(&oneColumn{n})
	})
	e := newEngine(t, cached, processesTable(nil))
	expect(t, e, "SELECT (SELECT x FROM cached WHERE x <> p.pid + 100) FROM processes p", "1", "1", "1", "1")
	expect(t, e, "SELECT x FROM cached", "2")
}

func TestConcurrent(t *testing.T) {
	t.Parallel()
	e := newEngineWith(t, Options{Tables: []*tables.Table{processesTable(nil), numbers(2000), fountain()}, Pool: 3})
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			for range 10 {
				switch i % 4 {
				case 0:
					expect(t, e, "SELECT sum(a.n) FROM numbers a JOIN processes ON n = pid", "18")
				case 1:
					expect(t, e, "SELECT regex_match(name, '^n', 0), sha1(name) IS NOT NULL FROM processes WHERE pid = 7", "n|1")
				case 2:
					_, _, err := Collect(t.Context(), e, Statement{SQL: "SELECT n FROM fountain", Limits: Limits{Rows: 300}})
					wantLimit(t, err, "rows")
				default:
					if a, err := e.Check("SELECT name FROM processes"); err != nil || len(a.Reads) != 1 {
						t.Errorf("check gives %+v, error %v", a, err)
					}
				}
			}
		})
	}
	all.Wait()
}
