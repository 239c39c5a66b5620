package engine

import (
	"errors"
	"testing"
	"time"

	"github.com/tenantra/tenantra/tables"
)

var seeds = []string{
	"SELECT * FROM processes WHERE pid IN (1, 2) OR path = 'x'",
	"SELECT a.pid, b.path FROM processes a JOIN file b USING (path) WHERE a.name LIKE 'n%' ORDER BY 1 LIMIT 3 OFFSET 1",
	"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 10) SELECT group_concat(x) FROM c",
	"SELECT name, count(*), sum(load) OVER () FROM procs GROUP BY name HAVING count(*) > 1",
	"SELECT regex_match(name, '(?=n)(.)(.)', 1), split(path, '/', 1), version_compare('1', '2') FROM processes",
	"SELECT value FROM json_each('[1,2]'); SELECT 1 AS value",
	"SELECT pid FROM processes WHERE pid BETWEEN '1' AND 7.5 AND (name GLOB '[a-n]*' OR cmdline IS NULL)",
	"EXPLAIN QUERY PLAN SELECT 1", "PRAGMA x", "ATTACH 'x' AS y", "SELECT \"x\" || x'00' || 1e999", "SELECT 'a' LIKE '%' ESCAPE '%'",
	"SELECT _identity FROM processes", "SELECT * FROM pragma_table_info('processes')", "VALUES (1),(2)", ";;", "--", "/*",
}

func fuzzEngine(f *testing.F) *Engine {
	for _, seed := range seeds {
		f.Add(seed)
	}
	return newEngine(f, processesTable(nil), fileTable(nil), pairsTable([]pair{{"a", "b", 1}, {"a", "b", 1}}, true), numbers(500))
}

// Any text is either compiled or answered by an error of the package's own.
func FuzzCheck(f *testing.F) {
	e := fuzzEngine(f)
	f.Fuzz(func(t *testing.T, sql string) {
		a, err := e.Check(sql)
		failed, limit := (*SQLError)(nil), (*LimitError)(nil)
		switch {
		case err == nil && a.Columns == nil:
			t.Error("an analysis without columns")
		case err != nil && !errors.As(err, &failed) && !errors.As(err, &limit):
			t.Errorf("error is %#v", err)
		case failed != nil && (failed.Message == "" || failed.Offset > len(sql)):
			t.Errorf("error is %+v", *failed)
		}
	})
}

// Any text runs to its end or to a limit, and the engine answers the next one.
func FuzzQuery(f *testing.F) {
	e := fuzzEngine(f)
	limits := Limits{Time: time.Second, CPU: 100 * time.Millisecond, Rows: 1000, Bytes: 1 << 20, Heap: 8 << 20}
	f.Fuzz(func(t *testing.T, sql string) {
		var line []byte
		stats, err := e.Query(t.Context(), Statement{SQL: sql, Limits: limits}, sinkFunc(func(r *Row) error {
			line = AppendJSON(line[:0], r)
			for i := range r.Len() {
				if v := r.Value(i); v.Kind != r.Type(i) {
					t.Errorf("a value of kind %d for a cell of type %d", v.Kind, r.Type(i))
				}
			}
			return nil
		}))
		if stats == nil || stats.Rows > limits.Rows || stats.Bytes > limits.Bytes {
			t.Errorf("stats are %+v", stats)
		}
		if failed := (*SQLError)(nil); errors.As(err, &failed) && failed.Message == "" {
			t.Errorf("error without a text: %+v", *failed)
		}
		result, _, err := Collect(t.Context(), e, Statement{SQL: "SELECT pid FROM processes WHERE pid = 7"})
		if err != nil || len(result.Rows) != 1 || result.Rows[0][0] != (tables.Value{Kind: tables.ValueInt, Int: 7}) {
			t.Errorf("afterwards the engine gives %v, error %v", result.Rows, err)
		}
	})
}
