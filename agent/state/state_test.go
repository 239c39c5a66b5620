package state_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/state"
	"github.com/tenantra/tenantra/queries/diff"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var silent = slog.New(slog.DiscardHandler)

func newDir(t *testing.T) state.Dir {
	t.Helper()
	dir, err := state.OpenDir(filepath.Join(t.TempDir(), "state"), silent)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func open(t *testing.T, dir state.Dir, agent string) *state.DB {
	t.Helper()
	db, err := state.Open(t.Context(), dir, agent, "tenant", silent)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func closeDB(t *testing.T, db *state.DB) {
	t.Helper()
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

func save(t *testing.T, db *state.DB, name string, rows diff.State) {
	t.Helper()
	was, err := db.Collection(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := db.Rows(t.Context(), was)
	if err != nil {
		t.Fatal(err)
	}
	is := was
	is.Stale, is.Epoch, is.Counter, is.Mode = false, 7, was.Counter+1, protocol.ModeDifferential
	if err := db.Update(t.Context(), func(tx *sql.Tx) error {
		if err := state.SaveCollection(t.Context(), tx, was, is); err != nil {
			return err
		}
		return state.SaveRows(t.Context(), tx, name, stored, rows)
	}); err != nil {
		t.Fatal(err)
	}
}

func TestRowsComeBackAsTheyWereSaved(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	db := open(t, dir, "agent")
	a, b, c := diff.Hash{1}, diff.Hash{2}, diff.Hash{3}
	save(t, db, "x", diff.State{a: 1, b: 2})
	save(t, db, "y", diff.State{a: 5})
	save(t, db, "x", diff.State{b: 1, c: 1})
	closeDB(t, db)
	db = open(t, dir, "agent")
	defer closeDB(t, db)
	collection, err := db.Collection(t.Context(), "x")
	if err != nil || collection.Stale || collection.Epoch != 7 || collection.Counter != 2 {
		t.Errorf("the collection is %+v, %v", collection, err)
	}
	rows, err := db.Rows(t.Context(), collection)
	if err != nil || len(rows) != 2 || rows[b] != 1 || rows[c] != 1 {
		t.Errorf("the rows are %v, %v", rows, err)
	}
}

func TestResetDuringAnExecutionWins(t *testing.T) {
	t.Parallel()
	db := open(t, newDir(t), "agent")
	defer closeDB(t, db)
	save(t, db, "x", nil)
	was, err := db.Collection(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	if known, err := db.Reset(t.Context(), "x", "unknown"); err != nil || len(known) != 1 {
		t.Fatalf("reset gives %v, %v", known, err)
	}
	err = db.Update(t.Context(), func(tx *sql.Tx) error {
		is := was
		is.Counter++
		return state.SaveCollection(t.Context(), tx, was, is)
	})
	if !errors.Is(err, state.ErrChanged) {
		t.Errorf("the execution is saved with %v", err)
	}
}

func TestUnusableDatabaseIsPutAside(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(t *testing.T, dir state.Dir){
		"of another agent": func(t *testing.T, dir state.Dir) { closeDB(t, open(t, dir, "other")) },
		"no database": func(t *testing.T, dir state.Dir) {
			if err := dir.WriteFile("agent.db", []byte(strings.Repeat("not a database ", 100))); err != nil {
				t.Fatal(err)
			}
		},
		"pages overwritten": func(t *testing.T, dir state.Dir) {
			db := open(t, dir, "agent")
			rows := diff.State{}
			for i := range 5000 {
				rows[diff.Hash{byte(i), byte(i >> 8)}] = 1
			}
			save(t, db, "x", rows)
			closeDB(t, db)
			f, err := os.OpenFile(filepath.Join(dir.Path(), "agent.db"), os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if _, err := f.WriteAt(make([]byte, 64<<10), 40<<10); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := newDir(t)
			spoil(t, dir)
			db := open(t, dir, "agent")
			defer closeDB(t, db)
			if c, err := db.Collection(t.Context(), "x"); err != nil || !c.Stale {
				t.Errorf("the new one has %+v, %v", c, err)
			}
			aside, err := filepath.Glob(filepath.Join(dir.Path(), "agent.db.2*"))
			if err != nil || len(aside) == 0 {
				t.Errorf("nothing was put aside (%v)", err)
			}
		})
	}
}

func TestNewerDatabaseIsLeftAlone(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	db := open(t, dir, "agent")
	if _, err := db.Queries().ExecContext(t.Context(), "PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	closeDB(t, db)
	if _, err := state.Open(t.Context(), dir, "agent", "tenant", silent); err == nil || !strings.Contains(err.Error(), "newer version") {
		t.Errorf("it opens with %v", err)
	}
}

// TestDatabaseOfTheVersionBeforeIsKept: a file without cursors of events gets them, and keeps what it has.
func TestDatabaseOfTheVersionBeforeIsKept(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	db := open(t, dir, "agent")
	save(t, db, "pack:p/q", diff.State{{1}: 1})
	if err := db.Update(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), "DROP TABLE event_cursors; PRAGMA user_version = 1")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	closeDB(t, db)
	db = open(t, dir, "agent")
	defer closeDB(t, db)
	if cursors, err := db.EventCursors(t.Context(), "pack:p/q"); err != nil || len(cursors) != 0 {
		t.Errorf("the cursors are %v, %v", cursors, err)
	}
	if c, err := db.Collection(t.Context(), "pack:p/q"); err != nil || c.Epoch == 0 && c.Stale {
		t.Errorf("the collection is %+v, %v", c, err)
	}
}

func TestSelfWithoutStateHasNothingToTell(t *testing.T) {
	t.Parallel()
	self := state.ReadSelf(state.ExistingDir(filepath.Join(t.TempDir(), "none")), "v1")
	info, err := self.Info(t.Context())
	if err != nil || info.Version != "v1" || info.AgentID != "" || !info.StartedAt.IsZero() {
		t.Errorf("info is %+v, %v", info, err)
	}
	if list, err := self.Schedule(t.Context()); err != nil || list != nil {
		t.Errorf("schedule is %v, %v", list, err)
	}
	if list, err := self.Executions(t.Context()); err != nil || list != nil {
		t.Errorf("executions are %v, %v", list, err)
	}
}

func TestLockIsForOne(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	first, err := dir.Lock(t.Context(), time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dir.Lock(t.Context(), time.Millisecond); !errors.Is(err, state.ErrRunning) {
		t.Errorf("a second lock gives %v", err)
	}
	waited := make(chan error, 1)
	go func() {
		second, err := dir.Lock(context.Background(), 20*time.Second)
		if err == nil {
			err = second.Close()
		}
		waited <- err
	}()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-waited; err != nil {
		t.Errorf("who waited gets %v", err)
	}
}

func TestFilesAreReplacedWhole(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	for _, text := range []string{"one", "two"} {
		if err := dir.WriteFile("x", []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := dir.ReadFile("x"); err != nil || string(got) != text {
			t.Errorf("it holds %q, %v", got, err)
		}
	}
	entries, err := os.ReadDir(dir.Path())
	if err != nil || len(entries) != 1 {
		t.Errorf("the directory holds %v, %v", entries, err)
	}
	if _, err := dir.ReadFile("none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file gives %v", err)
	}
}
