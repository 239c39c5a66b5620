package engine

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"

	"github.com/tenantra/tenantra/tables"
)

// The tests of this file are named after the traps of the study behind the engine; each pins one.

type pair struct {
	A string `col:"a" doc:"." opt:"index"`
	B string `col:"b" doc:"." opt:"index"`
	N int64  `col:"n" doc:"."`
}

// pairsTable narrows exactly by what it is asked, or not at all.
func pairsTable(all []pair, exact bool) *tables.Table {
	return tables.Define(tables.Spec{Name: "pairs", Platforms: tables.AllPlatforms},
		func(_ context.Context, _ tables.Host, q *tables.Query, emit func(*pair) error) error {
			as, bs := q.Equal("a"), q.Equal("b")
			for i := range all {
				if exact && (as != nil && !slices.Contains(as, all[i].A) || bs != nil && !slices.Contains(bs, all[i].B)) {
					continue
				}
				if err := emit(&all[i]); err != nil {
					return err
				}
			}
			return nil
		})
}

// Trap 1: the branches of an OR run one after another and SQLite drops rows that it has had, by their primary key. No
// row may be lost, and none come twice: rows of both branches, rows alike in all indexed columns, rows alike in all.
func TestTrap01RowsOfAnOr(t *testing.T) {
	t.Parallel()
	var all []pair
	for i := range 600 { // more than one batch
		all = append(all, pair{fmt.Sprint("a", i%3), fmt.Sprint("b", i%4), int64(i % 30)})
	}
	for _, exact := range []bool{true, false} {
		e := newEngine(t, pairsTable(all, exact))
		for _, sql := range []string{
			"SELECT a, b, n FROM pairs WHERE a = 'a1' OR b = 'b2'",
			"SELECT a, b, n FROM pairs WHERE a = 'a1' OR b = 'b2' OR a = 'a2' AND b = 'b3'",
			"SELECT a, b, n FROM pairs WHERE (a = 'a1' OR b = 'b2') AND n > 3",
			"SELECT a, b FROM pairs WHERE a = 'a1' OR b = 'b2'",
			"SELECT count(*), 0 FROM pairs WHERE a = 'a1' OR b = 'b2'",
			"SELECT p.n, q.n FROM pairs p JOIN pairs q ON p.a = q.a OR p.b = q.b WHERE p.n < 2 AND q.n < 2",
		} {
			result, stats, err := Collect(t.Context(), e, Statement{SQL: sql})
			if err != nil {
				t.Fatal(err)
			}
			if stats.Tables[0].Calls < 2 {
				t.Errorf("%s is not read by branches: the test shows nothing", sql)
			}
			got := lines(result)
			want := rows(t, e, strings.NewReplacer("a =", "+a =", "b =", "+b =", "p.a", "+p.a", "p.b", "+p.b", "q.a", "+q.a", "q.b", "+q.b").Replace(sql))
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("exact %v: %s gives %d rows, without an index %d", exact, sql, len(got), len(want))
			}
		}
		// A primary key of the index columns would also tell SQLite that they are distinct.
		expect(t, e, "SELECT count(*) FROM (SELECT DISTINCT a, b FROM pairs)", "12")
		expect(t, e, "SELECT count(*) FROM (SELECT DISTINCT a, b, n FROM pairs)", "60")
	}
}

// Trap 2: aggregates and sorters keep the text of rows beyond the batch that it came in.
func TestTrap02TextOutlivesItsBatch(t *testing.T) {
	t.Parallel()
	type item struct {
		Key  int64  `col:"key" doc:"." opt:"index"`
		Text string `col:"text" doc:"."`
	}
	items := tables.Define(tables.Spec{Name: "items", Platforms: tables.AllPlatforms},
		func(_ context.Context, _ tables.Host, q *tables.Query, emit func(*item) error) error {
			keys, constrained := q.EqualInt("key")
			for i := range int64(2000) {
				if constrained && !slices.Contains(keys, i%50) {
					continue
				}
				if err := emit(&item{i % 50, fmt.Sprintf("%08d", (i*7919)%2000)}); err != nil {
					return err
				}
			}
			return nil
		})
	e := newEngine(t, items)
	expect(t, e, "SELECT max(text), min(text) FROM items", "00001999|00000000")
	// The aggregate holds a text while the inner generator runs anew for each of 80 outer rows.
	expect(t, e, "SELECT max(b.text), count(*) FROM items a JOIN items b ON b.key = a.key WHERE a.key IN (1, 2)", "00001988|3200")
	expect(t, e, "SELECT group_concat(text, '') = (SELECT group_concat(text, '') FROM (SELECT text FROM items ORDER BY text)) FROM (SELECT text FROM items ORDER BY text)", "1")
	expect(t, e, "SELECT text FROM items ORDER BY text DESC LIMIT 2", "00001999", "00001998")
}

// Trap 3: SQLite's memcpy must never read Go memory, which checkptr forbids under the race detector: rows, results of
// functions, texts of errors. It fails in a -race run only.
func TestTrap03NoGoPointers(t *testing.T) {
	t.Parallel()
	e := newEngine(t, processesTable(nil))
	expect(t, e, "SELECT length(concat(name, path)), to_base64(raw), raw FROM processes WHERE pid = 1", "14|AP8=|x'00ff'")
	fails(t, e, "SELECT split('x', '', 0)", "Invalid input to split function")
	expect(t, e, "SELECT name FROM processes ORDER BY name COLLATE version_dpkg LIMIT 1", "init")
}

type typedRow struct {
	Text    string  `col:"text" doc:"." opt:"index"`
	Nocase  string  `col:"nocase" doc:"." opt:"index" collate:"NOCASE"`
	Version string  `col:"version" doc:"." opt:"index" collate:"VERSION"`
	Int     int64   `col:"int" doc:"." opt:"index"`
	Uint    int64   `col:"uint" doc:"." opt:"index" type:"UNSIGNED_BIGINT"`
	Real    float64 `col:"real" doc:"." opt:"index"`
	Free    string  `col:"free" doc:"."`
}

// questionOf tells what a generator is asked of a column by a condition.
func questionOf(t *testing.T, column, where string) asked {
	t.Helper()
	var r recorder
	var table *tables.Table
	table = tables.Define(tables.Spec{Name: "typed", Platforms: tables.AllPlatforms},
		func(_ context.Context, _ tables.Host, q *tables.Query, _ func(*typedRow) error) error {
			r.note(table, q, column)
			return nil
		})
	rows(t, newEngine(t, table), "SELECT 1 FROM typed WHERE "+where)
	if len(r.questions) == 0 {
		return asked{Equal: []string{"(not called)"}}
	}
	return r.last()
}

// Trap 4: LIKE and GLOB also arrive as ranges with a collation of their own, and = may carry any. A generator gets only
// what it may narrow by.
func TestTrap04Collations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		column, where     string
		equal, like, glob []string
	}{
		{"text", "text = 'x'", []string{"x"}, nil, nil},
		{"text", "text = 'x' COLLATE NOCASE", nil, nil, nil},
		{"text", "text COLLATE RTRIM = 'x'", nil, nil, nil},
		{"text", "text IN ('x', 'y')", []string{"x", "y"}, nil, nil},
		{"text", "text COLLATE NOCASE IN ('x', 'y')", nil, nil, nil},
		{"nocase", "nocase = 'x'", []string{"x"}, nil, nil}, // its generator compares without case
		{"nocase", "nocase = 'x' COLLATE BINARY", []string{"x"}, nil, nil},
		{"nocase", "nocase = 'x' COLLATE RTRIM", nil, nil, nil},
		{"version", "version = '1.0'", nil, nil, nil}, // '1.0' may equal '1.0-4'
		{"version", "version = '1.0' COLLATE BINARY", []string{"1.0"}, nil, nil},
		{"text", "text LIKE 'Z%'", nil, []string{"Z%"}, nil},
		{"text", "text LIKE 'Z%' ESCAPE '\\'", nil, nil, nil},
		{"text", "text GLOB 'Z*'", nil, nil, nil},
		{"free", "free = 'x'", nil, nil, nil},
	} {
		q := questionOf(t, c.column, c.where)
		if !slices.Equal(q.Equal, c.equal) || !slices.Equal(q.Like, c.like) {
			t.Errorf("%s: asked for equal %q like %q, want %q %q", c.where, q.Equal, q.Like, c.equal, c.like)
		}
		if q.Low.Set || q.High.Set {
			t.Errorf("%s: asked for a range of text", c.where)
		}
	}
}

type fileRow struct {
	Path      string `col:"path" doc:"." opt:"required,index"`
	Directory string `col:"directory" doc:"." opt:"required"`
	Size      int64  `col:"size" doc:"."`
}

func fileTable(r *recorder) *tables.Table {
	var table *tables.Table
	table = tables.Define(tables.Spec{Name: "file", Platforms: tables.AllPlatforms, Cost: tables.Expensive},
		func(_ context.Context, _ tables.Host, q *tables.Query, emit func(*fileRow) error) error {
			if r != nil {
				r.note(table, q, "path")
			}
			for _, path := range append(q.Equal("path"), q.Like("path")...) {
				if err := emit(&fileRow{path, "/", int64(len(path))}); err != nil {
					return err
				}
			}
			for _, directory := range q.Equal("directory") {
				if err := emit(&fileRow{directory + "/x", directory, 1}); err != nil {
					return err
				}
			}
			return nil
		})
	return table
}

// Trap 5: a required column that a plan cannot use asks for another order of the join; one that is not there at all is
// an error with a clear text, also where the order is forced.
func TestTrap05Required(t *testing.T) {
	t.Parallel()
	e := newEngine(t, fileTable(nil), processesTable(nil))
	const missing = "Table file was queried without a required column in the WHERE clause"
	for _, sql := range []string{
		"SELECT * FROM file",
		"SELECT count(*) FROM file WHERE size > 3",
		"SELECT * FROM file WHERE path > '/etc'",
		"SELECT * FROM file WHERE path = 'x' OR size = 1",
		"SELECT * FROM file WHERE path = 'x' COLLATE NOCASE",
		"SELECT * FROM file CROSS JOIN processes ON file.path = processes.path",
	} {
		err := fails(t, e, sql, missing)
		if e := (*SQLError)(nil); !errors.As(err, &e) || e.Code != CodeRequired {
			t.Errorf("%s: error is %#v", sql, err)
		}
	}
	expect(t, e, "SELECT path FROM file WHERE path = '/etc/passwd'", "/etc/passwd")
	expect(t, e, "SELECT path FROM file WHERE directory = '/etc'", "/etc/x")
	expect(t, e, "SELECT path FROM file WHERE path = '/a' OR directory = '/b' ORDER BY 1", "/a", "/b/x")
	expect(t, e, "SELECT path FROM file WHERE path LIKE '/etc%'", "/etc%")
	expect(t, e, "SELECT pid, size FROM file JOIN processes ON file.path = processes.path WHERE pid = 1", "1|10")
	expect(t, e, "SELECT pid, size FROM processes LEFT JOIN file USING (path) WHERE pid < 3", "1|10", "2|0")
	expect(t, e, "SELECT (SELECT size FROM file WHERE file.path = p.path) FROM processes p WHERE pid = 7", "15")
	expect(t, e, "SELECT path FROM file WHERE path IN (SELECT path FROM processes WHERE pid > 6)", "/usr/sbin/nginx")
	expect(t, e, "SELECT path FROM file WHERE path = NULL")
	expect(t, e, "SELECT path FROM file WHERE path IN (SELECT path FROM processes WHERE pid = 99)")
}

// Trap 6: bit 63 of the used columns stands for column 63 and all later ones.
func TestTrap06ManyColumns(t *testing.T) {
	t.Parallel()
	const n = 500
	columns := make([]tables.Column, n)
	for i := range columns {
		columns[i] = tables.Column{Name: fmt.Sprint("c", i), Doc: ".", Type: tables.BigInt}
	}
	columns[499].Aliases = []string{"last"}
	var wants []string
	table := tables.DefineValues(tables.Spec{Name: "wide", Platforms: tables.AllPlatforms}, columns,
		func(_ context.Context, _ tables.Host, q *tables.Query, emit func([]tables.Value) error) error {
			wants = nil
			row := make([]tables.Value, n)
			for i := range row {
				row[i] = tables.Value{Kind: tables.ValueInt, Int: int64(i)}
				if q.Wants(columns[i].Name) {
					wants = append(wants, columns[i].Name)
				}
			}
			return emit(row)
		})
	e := newEngine(t, table)
	expect(t, e, "SELECT c0, c62, c63, c64, c499, last FROM wide", "0|62|63|64|499|499")
	if len(wants) != 1+438 { // the identity is SQL column 0
		t.Errorf("%d columns are wanted, want c0 and the 438 from c62", len(wants))
	}
	expect(t, e, "SELECT count(*) FROM wide", "1")
	if wants != nil {
		t.Errorf("count(*) wants %v", wants)
	}
	result, _, err := Collect(t.Context(), e, Statement{SQL: "SELECT * FROM wide"})
	if err != nil || len(result.Columns) != n || result.Rows[0][499].Int != 499 {
		t.Errorf("SELECT * gives %d columns, error %v", len(result.Columns), err)
	}
}

// Trap 7: a table of which no column is read, and the tables that PRAGMA hides behind, are only told by their names.
func TestTrap07Reads(t *testing.T) {
	t.Parallel()
	e := newEngine(t, processesTable(nil), fileTable(nil))
	for _, c := range []struct{ sql, reads string }{
		{"SELECT count(*) FROM processes", "processes()"},
		{"SELECT 1 WHERE EXISTS (SELECT 1 FROM processes)", "processes()"},
		{"SELECT process_id FROM procs", "processes(pid)"},
		{"SELECT * FROM file WHERE path IN (SELECT path FROM processes WHERE name = 'x')", "file(directory,path,size) processes(name,path)"},
		{"WITH c AS (SELECT name FROM processes) SELECT count(*) FROM c", "processes(name)"},
		{"SELECT secret FROM processes; SELECT size FROM file WHERE path = ''", "file(path,size) processes(secret)"},
		{"SELECT 1", ""},
	} {
		a, err := e.Check(c.sql)
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		var reads []string
		for _, r := range a.Reads {
			reads = append(reads, r.Table.Name+"("+strings.Join(r.Columns, ",")+")")
		}
		if got := strings.Join(reads, " "); got != c.reads {
			t.Errorf("%s reads %s, want %s", c.sql, got, c.reads)
		}
	}
	for _, sql := range []string{
		"SELECT count(*) FROM pragma_table_info('processes')", "SELECT name FROM pragma_module_list",
		"SELECT count(*) FROM sqlite_master", "SELECT count(*) FROM sqlite_schema", "SELECT name FROM sqlite_temp_schema",
		"SELECT _identity FROM processes",
	} {
		if _, err := e.Check(sql); err == nil {
			t.Errorf("%s is allowed", sql)
		}
	}
}

// Trap 8: texts with a NUL keep their length on every way: constants to generators, rows, functions, results.
func TestTrap08NULs(t *testing.T) {
	t.Parallel()
	if q := questionOf(t, "text", "text = 'a' || char(0) || 'b'"); !slices.Equal(q.Equal, []string{"a\x00b"}) {
		t.Errorf("a generator is asked for %q", q.Equal)
	}
	if q := questionOf(t, "text", "text IN ('a' || char(0) || 'b', 'c')"); !slices.Contains(q.Equal, "a\x00b") {
		t.Errorf("a generator is asked for %q", q.Equal)
	}
	e := newEngine(t, pairsTable([]pair{{"x\x00y", "\x00", 1}}, true))
	expect(t, e, "SELECT a, b, hex(a) FROM pairs WHERE a = 'x' || char(0) || 'y'", "x\x00y|\x00|780079")
	expect(t, e, "SELECT concat('a', char(0), 'b'), split('p' || char(0) || 'q,r', ',', 0)", "a\x00b|p\x00q")
}

// Trap 9: the heap limit counts what SQLite and the engine hold for this statement, and ends it cleanly.
func TestTrap09Heap(t *testing.T) {
	t.Parallel()
	e := newEngine(t, fountain())
	limits := Limits{Heap: 2 << 20}
	for _, sql := range []string{
		"WITH RECURSIVE c(x) AS (SELECT 1 UNION SELECT x + 1 FROM c) SELECT count(*) FROM c",
		"SELECT group_concat(text) FROM fountain",
		"SELECT text FROM fountain ORDER BY text",
		"SELECT n, count(*) FROM fountain GROUP BY n % 1000000",
		"SELECT length(hex(zeroblob(1500000)))",
	} {
		_, _, err := Collect(t.Context(), e, Statement{SQL: sql, Limits: limits})
		wantLimit(t, err, "heap")
		alive(t, e)
	}
	// The memory is given back: the same again, many times, in what is left.
	for range 20 {
		_, _, err := Collect(t.Context(), e, Statement{SQL: "SELECT count(DISTINCT text) FROM (SELECT text FROM fountain LIMIT 2000)", Limits: limits})
		if err != nil {
			t.Fatal(err)
		}
	}
}

type drop struct {
	N    int64  `col:"n" doc:"." opt:"index"`
	Text string `col:"text" doc:"."`
}

// fountain emits rows until it is told to stop.
func fountain() *tables.Table {
	return tables.Define(tables.Spec{Name: "fountain", Platforms: tables.AllPlatforms},
		func(_ context.Context, _ tables.Host, _ *tables.Query, emit func(*drop) error) error {
			for i := int64(0); ; i++ {
				if err := emit(&drop{i, "this is the text of row " + fmt.Sprint(i)}); err != nil {
					return err
				}
			}
		})
}

// Trap 10: a connection belongs to one goroutine, and others end its statement by a flag.
func TestTrap10InterruptFromElsewhere(t *testing.T) {
	t.Parallel()
	e := newEngine(t, fountain())
	for _, sql := range []string{
		"SELECT count(*) FROM fountain",
		"SELECT n FROM fountain",
		"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c",
	} {
		ctx, cancel := context.WithCancel(t.Context())
		timer := time.AfterFunc(20*time.Millisecond, cancel)
		_, err := e.Query(ctx, Statement{SQL: sql, Limits: NoLimits}, discard{})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error is %v", sql, err)
		}
		timer.Stop()
		cancel()
		alive(t, e)
	}
}

type discard struct{}

func (discard) Columns([]string) error { return nil }
func (discard) Row(*Row) error         { return nil }

// Trap 11: SQLite keeps pointers to functions where the collector does not see them: only top-level functions may be
// given to it.
func TestTrap11TopLevelFunctions(t *testing.T) {
	t.Parallel()
	files := token.NewFileSet()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	topLevel, given := map[string]bool{}, map[string]token.Pos{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv == nil {
					topLevel[n.Name.Name] = true
				}
			case *ast.CallExpr:
				if name, ok := n.Fun.(*ast.Ident); ok && name.Name == "fn" {
					argument, ok := n.Args[0].(*ast.Ident)
					if !ok {
						t.Errorf("%s: fn of something that is no name", files.Position(n.Pos()))
						return true
					}
					given[argument.Name] = n.Pos()
				}
			}
			return true
		})
	}
	if len(given) < 15 {
		t.Fatalf("found only %d functions given to SQLite: the test does not see them", len(given))
	}
	for name, pos := range given {
		if !topLevel[name] {
			t.Errorf("%s: %s is no top-level function", files.Position(pos), name)
		}
	}
	e := newEngine(t, processesTable(nil))
	runtime.GC()
	expect(t, e, "SELECT sha1(name) = sha1('init') FROM processes WHERE pid = 1", "1")
}

// Trap 12: columns that a statement does not use cost nothing: they are not wanted, not copied and not stored.
func TestTrap12UnusedColumns(t *testing.T) { // not parallel: it counts allocations
	var r recorder
	e := newEngine(t, processesTable(&r))
	for _, c := range []struct {
		sql   string
		wants []string
	}{
		{"SELECT count(*) FROM processes", nil},
		{"SELECT process_id FROM processes", []string{"pid"}},
		{"SELECT name FROM processes WHERE load > 1 ORDER BY path", []string{"name", "path", "load"}},
	} {
		rows(t, e, c.sql)
		if got := r.last().Wants; !slices.Equal(got, c.wants) {
			t.Errorf("%s wants %v, want %v", c.sql, got, c.wants)
		}
	}
	table := numbers(200_000)
	e = newEngine(t, table)
	expect(t, e, "SELECT count(*) FROM numbers", "200000")
	allocations := testing.AllocsPerRun(1, func() { expect(t, e, "SELECT count(*) FROM numbers", "200000") })
	if allocations > 1000 {
		t.Errorf("counting 200,000 rows takes %.0f allocations", allocations)
	}
	_, _, err := Collect(t.Context(), e, Statement{SQL: "SELECT count(*) FROM numbers", Limits: Limits{Heap: 256 << 10}})
	if err != nil {
		t.Errorf("counting in constant memory: %v", err)
	}
}

type number64 struct {
	N int64 `col:"n" doc:"." opt:"index"`
}

func numbers(n int64) *tables.Table {
	return tables.Define(tables.Spec{Name: "numbers", Platforms: tables.AllPlatforms},
		func(_ context.Context, _ tables.Host, _ *tables.Query, emit func(*number64) error) error {
			var row number64
			for i := range n {
				row.N = i
				if err := emit(&row); err != nil {
					return err
				}
			}
			return nil
		})
}

// The getters of Row read SQLite's value array where it lies; each must agree with SQLite's own functions.
func TestTrapLayout(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	check := sinkFunc(func(r *Row) error {
		kinds := map[tables.ValueKind]int32{
			tables.ValueNull: lib.SQLITE_NULL, tables.ValueInt: lib.SQLITE_INTEGER, tables.ValueFloat: lib.SQLITE_FLOAT,
			tables.ValueText: lib.SQLITE_TEXT, tables.ValueBlob: lib.SQLITE_BLOB,
		}
		for i := range r.Len() {
			kind := r.Type(i)
			if want := lib.Xsqlite3_column_type(r.tls, r.stmt, int32(i)); kinds[kind] != want {
				t.Errorf("column %d has type %d, SQLite says %d", i, kind, want)
			}
			switch kind {
			case tables.ValueInt:
				if want := lib.Xsqlite3_column_int64(r.tls, r.stmt, int32(i)); r.Int(i) != want {
					t.Errorf("column %d is %d, SQLite says %d", i, r.Int(i), want)
				}
			case tables.ValueFloat:
				if want := lib.Xsqlite3_column_double(r.tls, r.stmt, int32(i)); r.Float(i) != want {
					t.Errorf("column %d is %v, SQLite says %v", i, r.Float(i), want)
				}
			case tables.ValueText, tables.ValueBlob:
				counted := r.size(i)
				got := r.Text(i)
				want := textAt(lib.Xsqlite3_column_blob(r.tls, r.stmt, int32(i)), int(lib.Xsqlite3_column_bytes(r.tls, r.stmt, int32(i))))
				if got != want || counted != int64(len(want)) {
					t.Errorf("column %d is %q of size %d, SQLite says %q", i, got, counted, want)
				}
			}
		}
		return nil
	})
	const sql = `SELECT NULL, 0, -1, 9223372036854775807, 1.5, -0.0, 1e300, 9e999, 'text', '', 'ä', x'', x'00ff', zeroblob(5),
		zeroblob(2) || 'x', 3.0, CAST(3 AS REAL), sum(1), sum(1.0), avg(2), total(3), 'a' || char(0) || 'b', 1 = 1,
		json('[1]'), CAST('12' AS INTEGER), CAST(x'41' AS TEXT), round(2.5), abs(-3) FROM (SELECT 1)`
	if _, err := e.Query(t.Context(), Statement{SQL: sql}, check); err != nil {
		t.Fatal(err)
	}
	if got := libc.GoString(lib.Xsqlite3_libversion(nil)); got != "3.54.1" {
		t.Errorf("SQLite is %s: read the value layout again, then name it here", got)
	}
}

type sinkFunc func(*Row) error

func (sinkFunc) Columns([]string) error { return nil }
func (f sinkFunc) Row(r *Row) error     { return f(r) }
