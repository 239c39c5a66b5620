package buffer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tenantra/tenantra/agent/events/buffer"
	"github.com/tenantra/tenantra/tables"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type row struct{ Number int }

// clock is a wall clock that tests set.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

var start = time.Now().Truncate(time.Second) // readers of another process go by the real clock

func open(t *testing.T, dir string, limits buffer.Limits) (*buffer.Buffer, *clock) {
	t.Helper()
	c := &clock{now: start}
	b, err := buffer.Open(t.Context(), dir, buffer.Options{Limits: limits, Now: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b, c
}

func record(b *buffer.Buffer, at time.Time, from, to int) {
	for i := from; i < to; i++ {
		b.Record("file_events", at, &row{i})
	}
}

// numbers reads the recorded numbers under a context.
func numbers(t *testing.T, ctx context.Context, b *buffer.Buffer, q tables.EventQuery) []int {
	t.Helper()
	q.Table = "file_events"
	list := []int{}
	last := int64(0)
	if err := b.Events(ctx, q, func(e tables.Event) error {
		if e.ID <= last {
			t.Errorf("event %d comes after %d", e.ID, last)
		}
		last = e.ID
		var r row
		if err := json.Unmarshal(e.Row, &r); err != nil {
			return err
		}
		list = append(list, r.Number)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return list
}

func status(t *testing.T, b *buffer.Buffer) tables.EventTable {
	t.Helper()
	list, err := b.EventTables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		if s.Name == "file_events" {
			return s
		}
	}
	t.Fatal("the table is not listed")
	return tables.EventTable{}
}

func TestAQueryWithoutCursorReadsAllInOrder(t *testing.T) {
	t.Parallel()
	b, _ := open(t, t.TempDir(), buffer.Limits{})
	record(b, start, 0, 1000) // several pages
	for range 2 {
		got := numbers(t, t.Context(), b, tables.EventQuery{})
		if len(got) != 1000 || got[0] != 0 || got[999] != 999 {
			t.Fatalf("read %d events", len(got))
		}
	}
}

func TestTimeNarrows(t *testing.T) {
	t.Parallel()
	b, _ := open(t, t.TempDir(), buffer.Limits{})
	for i := range 10 {
		record(b, start.Add(time.Duration(i-10)*time.Second), i, i+1)
	}
	base := start.Unix() - 10
	for _, c := range []struct {
		q    tables.EventQuery
		want string
	}{
		{tables.EventQuery{From: base + 7}, "[7 8 9]"},
		{tables.EventQuery{To: base + 1}, "[0 1]"},
		{tables.EventQuery{From: base + 3, To: base + 4}, "[3 4]"},
		{tables.EventQuery{From: base + 100}, "[]"},
	} {
		if got := fmt.Sprint(numbers(t, t.Context(), b, c.q)); got != c.want {
			t.Errorf("%+v: %s, want %s", c.q, got, c.want)
		}
	}
}

func TestACursorReadsEachEventOnceAndAlikeWithinAStatement(t *testing.T) {
	t.Parallel()
	b, _ := open(t, t.TempDir(), buffer.Limits{})
	record(b, start, 0, 3)
	cursor := tables.NewEventCursor(nil)
	ctx := tables.WithEventCursor(t.Context(), cursor)
	first := numbers(t, ctx, b, tables.EventQuery{})
	record(b, start, 3, 5)
	second := numbers(t, ctx, b, tables.EventQuery{}) // the inner side of a join
	if fmt.Sprint(first, second) != "[0 1 2] [0 1 2]" {
		t.Errorf("one statement reads %v and %v", first, second)
	}
	next := tables.NewEventCursor(cursor.Read())
	if got := fmt.Sprint(numbers(t, tables.WithEventCursor(t.Context(), next), b, tables.EventQuery{})); got != "[3 4]" {
		t.Errorf("the next statement reads %s", got)
	}
	again := tables.NewEventCursor(next.Read())
	if got := numbers(t, tables.WithEventCursor(t.Context(), again), b, tables.EventQuery{}); len(got) != 0 {
		t.Errorf("nothing is new, and %v was read", got)
	}
}

func TestABurstIsReadInSeveralStatements(t *testing.T) {
	t.Parallel()
	b, _ := open(t, t.TempDir(), buffer.Limits{})
	for i := 0; i < 12_000; i += 4000 {
		record(b, start, i, i+4000)
		if err := b.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	cursor := tables.NewEventCursor(nil)
	first := numbers(t, tables.WithEventCursor(t.Context(), cursor), b, tables.EventQuery{})
	cursor = tables.NewEventCursor(cursor.Read())
	second := numbers(t, tables.WithEventCursor(t.Context(), cursor), b, tables.EventQuery{})
	if len(first) != 10_000 || len(second) != 2000 || second[0] != 10_000 {
		t.Errorf("read %d and then %d events", len(first), len(second))
	}
}

// TestTheQueueIsBounded: whatever comes while nobody writes, memory holds so much, and the rest is counted to the last.
func TestTheQueueIsBounded(t *testing.T) {
	t.Parallel()
	b, _ := open(t, t.TempDir(), buffer.Limits{})
	const all = 50_000
	record(b, start, 0, all)
	s := status(t, b)
	if s.Recorded != 8192 || s.Recorded+s.Dropped != all || s.Rows != s.Recorded || !strings.Contains(s.LastDrop, "faster") {
		t.Errorf("of %d events %+v", all, s)
	}
	if got := numbers(t, t.Context(), b, tables.EventQuery{}); len(got) != 8192 {
		t.Errorf("read %d", len(got))
	}
	b.Record("file_events", start, bytes.Repeat([]byte{'x'}, 1<<20))
	b.Record("file_events", start, func() {})
	if after := status(t, b); after.Dropped != s.Dropped+2 {
		t.Errorf("a huge row and one that is none: %+v", after)
	}
	b.Dropped("file_events", 41, "the kernel's queue overflowed")
	if after := status(t, b); after.Dropped != s.Dropped+43 || after.LastDrop != "the kernel's queue overflowed" {
		t.Errorf("%+v", after)
	}
}

func TestTheOldestGoWhereRoomEnds(t *testing.T) {
	t.Parallel()
	for name, limits := range map[string]buffer.Limits{"rows": {Rows: 100}, "bytes": {Bytes: 100 * int64(len(`{"Number":1000}`))}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, _ := open(t, t.TempDir(), limits)
			for i := 1000; i < 1500; i += 50 {
				record(b, start, i, i+50)
				if err := b.Flush(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			got := numbers(t, t.Context(), b, tables.EventQuery{})
			s := status(t, b)
			if len(got) == 0 || len(got) > 100 || got[len(got)-1] != 1499 || s.Rows != int64(len(got)) || s.Rows+s.Evicted != 500 {
				t.Errorf("kept %d events, %+v", len(got), s)
			}
		})
	}
}

func TestOldEventsAreNeitherShownNorKept(t *testing.T) {
	t.Parallel()
	b, c := open(t, t.TempDir(), buffer.Limits{Age: time.Hour})
	record(b, c.Now(), 0, 2)
	if err := b.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.add(2 * time.Hour)
	if got := numbers(t, t.Context(), b, tables.EventQuery{}); len(got) != 0 {
		t.Errorf("events of two hours ago are shown: %v", got)
	}
	record(b, c.Now(), 2, 3)
	if err := b.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := status(t, b); s.Rows != 1 || s.Expired != 2 {
		t.Errorf("%+v", s)
	}
}

func TestEventsOutliveARestartAndIdentifiersGoOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b, _ := open(t, dir, buffer.Limits{})
	b.SetStatus("file_events", buffer.Status{Publisher: "inotify", Active: true, Subscriptions: 2})
	record(b, start, 0, 2)
	cursor := tables.NewEventCursor(nil)
	numbers(t, tables.WithEventCursor(t.Context(), cursor), b, tables.EventQuery{})
	if err := b.Stop(t.Context(), "the agent does not run"); err != nil {
		t.Fatal(err)
	}
	reader, err := buffer.OpenReadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := numbers(t, t.Context(), reader, tables.EventQuery{}); len(got) != 2 {
		t.Errorf("another process reads %v", got)
	}
	if s := status(t, reader); s.Active || s.Reason != "the agent does not run" || s.Publisher != "inotify" || s.Recorded != 2 {
		t.Errorf("another process is told %+v", s)
	}
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	b, _ = open(t, dir, buffer.Limits{})
	record(b, start, 2, 3)
	if s := status(t, b); s.Recorded != 1 || s.Rows != 3 {
		t.Errorf("after the restart: %+v", s)
	}
	next := tables.NewEventCursor(cursor.Read())
	if got := fmt.Sprint(numbers(t, tables.WithEventCursor(t.Context(), next), b, tables.EventQuery{})); got != "[2]" {
		t.Errorf("after the restart the cursor reads %s", got)
	}
}

// TestASpoiltFileIsReplaced: what was in it is lost, cursors into it read what comes next.
func TestASpoiltFileIsReplaced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b, c := open(t, dir, buffer.Limits{})
	record(b, start, 0, 2)
	cursor := tables.NewEventCursor(nil)
	numbers(t, tables.WithEventCursor(t.Context(), cursor), b, tables.EventQuery{})
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, buffer.FileName), bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	c.add(time.Second)
	b, err := buffer.Open(t.Context(), dir, buffer.Options{Now: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	record(b, start, 2, 3)
	next := tables.NewEventCursor(cursor.Read())
	if got := fmt.Sprint(numbers(t, tables.WithEventCursor(t.Context(), next), b, tables.EventQuery{})); got != "[2]" {
		t.Errorf("read %s", got)
	}
}

func TestRunWritesAndStopsWithItsContext(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b, _ := open(t, dir, buffer.Limits{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	record(b, start, 0, 10)
	reader, err := buffer.OpenReadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	for deadline := time.Now().Add(20 * time.Second); len(numbers(t, t.Context(), reader, tables.EventQuery{})) != 10; {
		if time.Now().After(deadline) {
			t.Fatal("the events do not come to disk")
		}
		<-time.After(20 * time.Millisecond)
	}
	record(b, start, 10, 11)
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := numbers(t, t.Context(), reader, tables.EventQuery{}); len(got) != 11 {
		t.Errorf("what was queued at the end is lost: %d events", len(got))
	}
}
