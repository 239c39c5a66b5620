package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the stock driver, in the same process

	"github.com/tenantra/tenantra/tables"
)

const endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"

func TestLimits(t *testing.T) {
	t.Parallel()
	e := newEngine(t, fountain(), numbers(1<<40))
	for _, c := range []struct {
		sql    string
		limits Limits
		limit  string
		text   string
		rows   int
	}{
		{"SELECT n FROM fountain", Limits{Rows: 1000}, "rows", "stopped at the 1,000 row limit", 1000},
		{"SELECT text FROM fountain", Limits{Bytes: 64 << 10}, "bytes", "stopped at the 64 KiB result limit", -1},
		{"SELECT zeroblob(5000000) FROM fountain", Limits{Bytes: 1 << 20}, "bytes", "1 MiB", 0},
		{endless, Limits{Time: 30 * time.Millisecond}, "time", "stopped at the 30ms time limit", 0},
		{endless, Limits{CPU: 30 * time.Millisecond}, "cpu", "stopped at the 30ms CPU limit", 0},
		{"SELECT count(*) FROM numbers", Limits{CPU: 30 * time.Millisecond}, "cpu", "CPU", 0},
		{"SELECT count(*) FROM numbers", Limits{Time: 30 * time.Millisecond}, "time", "time", 0},
		{"SELECT n FROM numbers WHERE n < 0", Limits{CPU: 30 * time.Millisecond}, "cpu", "CPU", 0},
		{"SELECT sleep(30)", Limits{Time: 30 * time.Millisecond}, "time", "time", 0},
		{"SELECT count(*) FROM numbers a, numbers b, numbers c, numbers d, numbers e", Limits{CPU: 30 * time.Millisecond}, "cpu", "CPU", 0},
		{"SELECT group_concat(text) FROM fountain", Limits{Heap: 2 << 20}, "heap", "stopped at the 2 MiB memory limit", 0},
	} {
		result, stats, err := Collect(t.Context(), e, Statement{SQL: c.sql, Limits: c.limits})
		wantLimit(t, err, c.limit)
		if err != nil && !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: error is %q, want %q", c.sql, err, c.text)
		}
		if c.rows >= 0 && len(result.Rows) != c.rows {
			t.Errorf("%s: %d rows came before the limit, want %d", c.sql, len(result.Rows), c.rows)
		}
		if stats.Rows != int64(len(result.Rows)) {
			t.Errorf("%s: counted %d rows, gave %d", c.sql, stats.Rows, len(result.Rows))
		}
		alive(t, e)
	}
}

// What SQLite itself bounds: each with a clear error, and none harms the next statement.
func TestSizes(t *testing.T) {
	t.Parallel()
	e := newEngine(t, processesTable(nil))
	for _, c := range []struct{ sql, text string }{
		{"SELECT '" + strings.Repeat("x", 64<<10) + "'", "longer than 64 KiB"},
		{"SELECT zeroblob(9000000)", "too big"},
		{"SELECT length(randomblob(100000000))", "too big"},
		{"SELECT printf('%099999999d', 1)", "too big"},
		{"SELECT replace(hex(zeroblob(1000000)), '0', 'xxxxxxxxxx')", "too big"},
		{"SELECT group_concat(hex(zeroblob(1000000))) FROM processes a, processes b", "too big"},
		{"SELECT concat(hex(zeroblob(4000000)), hex(zeroblob(4000000)))", "too big"},
		{"SELECT " + strings.Repeat("abs(", 300) + "1" + strings.Repeat(")", 300), "too large"},
		{"SELECT 1" + strings.Repeat(" + 1", 300), "too large"},
		{"SELECT 1" + strings.Repeat(", 1", 600), "too many columns"},
		{"SELECT 1" + strings.Repeat(" UNION ALL SELECT 1", 60), "too many terms"},
		{"SELECT 'x' LIKE '" + strings.Repeat("%a", 1000) + "'", "too complex"},
		{"SELECT 1;" + strings.Repeat("SELECT 1;", 60), "more than 50 statements"},
		{"SELECT 1 FROM processes" + strings.Repeat(", processes", 70), "at most 64 tables"},
	} {
		fails(t, e, c.sql, c.text)
		alive(t, e)
	}
}

// SECURITY-MODEL S39: what tries to take the machine ends at a limit with its reason, and the process keeps its memory.
func TestBombs(t *testing.T) {
	e := newEngine(t, numbers(1_000_000), fountain())
	limits := Limits{Time: 5 * time.Second, CPU: 30 * time.Millisecond, Rows: 10_000, Bytes: 16 << 20, Heap: 16 << 20}
	wide := "SELECT " + strings.TrimSuffix(strings.Repeat("hex(zeroblob(20000)), ", 400), ", ") + " FROM fountain"
	runtime.GC()
	before := processMemory(t)
	for _, statement := range []string{
		endless,
		"WITH RECURSIVE c(x) AS (SELECT 'x' UNION ALL SELECT x || x FROM c) SELECT max(length(x)) FROM c",
		"WITH RECURSIVE c(x) AS (SELECT randomblob(100000) UNION SELECT randomblob(100000) FROM c) SELECT count(*) FROM c",
		"SELECT count(*) FROM numbers a, numbers b, numbers c, numbers d, numbers e",
		"SELECT * FROM numbers a, numbers b ORDER BY a.n + b.n",
		"SELECT hex(zeroblob(4000000)) FROM fountain",
		wide,
		"SELECT count(*) FROM numbers WHERE hex(zeroblob(500000)) || n LIKE '%0_0_0_0_0_0_0_0_0_x%'",
		"SELECT count(*) FROM numbers WHERE hex(zeroblob(500000)) || n GLOB '*0*0*0*0*0*0*0*0*x'",
		"SELECT count(*) FROM numbers WHERE hex(zeroblob(4000000)) || n LIKE '%" + strings.Repeat("0", 990) + "x'",
		"SELECT count(*) FROM numbers WHERE hex(zeroblob(4000000)) || n GLOB '*" + strings.Repeat("[0-9]", 190) + "x'",
		"SELECT count(*) FROM numbers WHERE regex_match(hex(zeroblob(4000000)) || n, '(0?){200}x', 0) IS NOT NULL",
		"SELECT unhex(hex(zeroblob(2000000)) || 'z', hex(zeroblob(2000000)) || 'z') FROM numbers",
		"SELECT instr(hex(zeroblob(4000000)), hex(zeroblob(2000000)) || '1') FROM numbers",
		"SELECT replace(hex(zeroblob(4000000)), hex(zeroblob(2000000)) || '1', '') FROM numbers",
		"SELECT trim(hex(zeroblob(4000000)), '1' || hex(zeroblob(4000000) || '0')) FROM numbers",
		"SELECT json_group_array(text) FROM fountain",
	} {
		started := time.Now()
		_, err := e.Query(t.Context(), Statement{SQL: statement, Limits: limits}, discard{})
		limit, sized := (*LimitError)(nil), (*SQLError)(nil)
		if !errors.As(err, &limit) && (!errors.As(err, &sized) || sized.Code != CodeTooBig) {
			t.Errorf("%.80s: error is %v", statement, err)
		}
		if took := time.Since(started); took > 20*time.Second {
			t.Errorf("%.80s took %v", statement, took)
		}
		alive(t, e)
	}
	runtime.GC()
	if grown := processMemory(t) - before; grown > 64<<20 {
		t.Errorf("the process holds %d MiB more than before", grown>>20)
	}
}

// The heap limit is a statement's own: the stock driver in the same process, and other statements, keep their memory.
// Which of the two opens a database first does not matter.
func TestStockDriver(t *testing.T) {
	t.Parallel()
	stock, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "stock.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stock.Close() }()
	if _, err := stock.Exec("PRAGMA synchronous = OFF; CREATE TABLE t(x)"); err != nil {
		t.Fatal(err)
	}
	e := newEngine(t, fountain())
	var both sync.WaitGroup
	both.Go(func() {
		for range 5 {
			_, _, err := Collect(t.Context(), e, Statement{SQL: "SELECT text FROM fountain ORDER BY text", Limits: Limits{Heap: 1 << 20}})
			wantLimit(t, err, "heap")
		}
	})
	for i := range 50 {
		if _, err := stock.Exec("INSERT INTO t VALUES (?)", strings.Repeat(fmt.Sprint(i), 10_000)); err != nil {
			t.Fatal(err)
		}
	}
	both.Wait()
	var n int
	if err := stock.QueryRow("SELECT count(*) FROM (SELECT x FROM t ORDER BY x)").Scan(&n); err != nil || n != 50 {
		t.Errorf("the stock driver counts %d rows, error %v", n, err)
	}
}

// SQLite takes an allocator only before its first use. The package brings its own when it is initialised, which is before
// any code that opens a database; a second attempt, now, shows what New would report otherwise.
func TestAllocatorComesFirst(t *testing.T) {
	t.Parallel()
	newEngine(t)
	if counted != nil {
		t.Errorf("the allocator is not in place: %v", counted)
	}
	if err := countMemory(); err == nil || !strings.Contains(err.Error(), "open no database in an init function") {
		t.Errorf("an allocator that comes too late is answered %v", err)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	waiting := make(chan struct{}, 1)
	slow := tables.Define(tables.Spec{Name: "slow", Platforms: tables.AllPlatforms},
		func(ctx context.Context, _ tables.Host, _ *tables.Query, emit func(*number64) error) error {
			if err := emit(&number64{1}); err != nil {
				return err
			}
			waiting <- struct{}{}
			<-ctx.Done()
			return fmt.Errorf("read something: %w", ctx.Err())
		})
	e := newEngine(t, slow, fountain())
	t.Run("before it starts", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := e.Query(ctx, Statement{SQL: "SELECT 1"}, discard{}); !errors.Is(err, context.Canceled) {
			t.Errorf("error is %v", err)
		}
	})
	t.Run("while a generator waits", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-waiting
			cancel()
		}()
		if _, err := e.Query(ctx, Statement{SQL: "SELECT n FROM slow"}, discard{}); !errors.Is(err, context.Canceled) {
			t.Errorf("error is %v", err)
		}
		alive(t, e)
	})
	t.Run("time limit while a generator waits", func(t *testing.T) {
		go func() { <-waiting }()
		_, err := e.Query(t.Context(), Statement{SQL: "SELECT n FROM slow", Limits: Limits{Time: 20 * time.Millisecond}}, discard{})
		wantLimit(t, err, "time")
		alive(t, e)
	})
	t.Run("after the first row", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		_, err := e.Query(ctx, Statement{SQL: "SELECT n FROM fountain", Limits: NoLimits}, sinkFunc(func(*Row) error {
			n++
			cancel()
			return nil
		}))
		if !errors.Is(err, context.Canceled) || n > 100_000 {
			t.Errorf("error is %v after %d rows", err, n)
		}
		alive(t, e)
	})
	t.Run("deadline of the caller", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if _, err := e.Query(ctx, Statement{SQL: endless}, discard{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error is %v", err)
		}
	})
	t.Run("while all connections are busy", func(t *testing.T) {
		one := newEngineWith(t, Options{Tables: []*tables.Table{fountain()}, Pool: 1})
		inside, leave := make(chan struct{}), make(chan struct{})
		done := make(chan error)
		go func() {
			_, err := one.Query(t.Context(), Statement{SQL: "SELECT n FROM fountain LIMIT 1"}, sinkFunc(func(*Row) error {
				close(inside)
				<-leave
				return nil
			}))
			done <- err
		}()
		<-inside
		_, err := one.Query(t.Context(), Statement{SQL: "SELECT 1", Limits: Limits{Time: 10 * time.Millisecond}}, discard{})
		wantLimit(t, err, "time")
		if _, err := one.Check("SELECT 1"); err != nil {
			t.Errorf("a check waits for statements: %v", err)
		}
		close(leave)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestClosed(t *testing.T) {
	t.Parallel()
	e, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	alive(t, e)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Query(t.Context(), Statement{SQL: "SELECT 1"}, discard{}); !errors.Is(err, ErrClosed) {
		t.Errorf("a closed engine answers %v", err)
	}
	if _, err := e.Check("SELECT 1"); !errors.Is(err, ErrClosed) {
		t.Errorf("a closed engine checks with %v", err)
	}
}
