package filewatch_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tenantra/tenantra/agent/events/buffer"
	"github.com/tenantra/tenantra/agent/events/filewatch"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/threat"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a watched directory and what is recorded of it.
type rig struct {
	t   *testing.T
	dir string
	to  *buffer.Buffer
}

// watch begins to watch patterns below a new directory, by category; /X stands for the directory.
func watch(t *testing.T, run func(context.Context, filewatch.Config, *buffer.Buffer, *slog.Logger) error, table string, prepare func(dir string), c filewatch.Config) *rig {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if prepare != nil {
		prepare(dir)
	}
	to, err := buffer.Open(t.Context(), t.TempDir(), buffer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, group := range []map[string][]string{c.Paths, c.Excludes} {
		for _, patterns := range group {
			for i := range patterns {
				patterns[i] = strings.Replace(patterns[i], "/X", dir, 1)
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- run(ctx, c, to, slog.New(slog.NewTextHandler(t.Output(), nil))) }()
	r := &rig{t, dir, to}
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil && ctx.Err() == nil {
			t.Error(err)
		}
		to.Close()
	})
	for deadline := time.Now().Add(20 * time.Second); !r.status(table).Active; {
		select {
		case err := <-done:
			done <- err
			if strings.Contains(fmt.Sprint(err), "operation not permitted") || os.Geteuid() != 0 && table == "process_file_events" {
				t.Skipf("the kernel does not let this user watch so: %v", err)
			}
			t.Fatal(err)
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatal("watching does not begin")
		}
	}
	return r
}

func (r *rig) status(table string) tables.EventTable {
	r.t.Helper()
	list, err := r.to.EventTables(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	for _, s := range list {
		if s.Name == table {
			return s
		}
	}
	return tables.EventTable{}
}

func (r *rig) events() []threat.FileEvent {
	r.t.Helper()
	var list []threat.FileEvent
	if err := r.to.Events(r.t.Context(), tables.EventQuery{Table: filewatch.Table}, func(e tables.Event) error {
		var row threat.FileEvent
		if err := json.Unmarshal(e.Row, &row); err != nil {
			return err
		}
		row.TargetPath = strings.TrimPrefix(row.TargetPath, r.dir)
		list = append(list, row)
		return nil
	}); err != nil {
		r.t.Fatal(err)
	}
	return list
}

// wait waits for an event and gives it.
func (r *rig) wait(action, file string) threat.FileEvent {
	r.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		list := r.events()
		for _, e := range list {
			if e.Action == action && e.TargetPath == file {
				return e
			}
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("no %s of %s among %v", action, file, brief(list))
		}
		<-time.After(10 * time.Millisecond)
	}
}

func brief(list []threat.FileEvent) []string {
	var out []string
	for _, e := range list {
		out = append(out, e.Action+" "+e.TargetPath)
	}
	return out
}

func (r *rig) write(file, text string) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, file), []byte(text), 0o640); err != nil {
		r.t.Fatal(err)
	}
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func paths(patterns ...string) filewatch.Config {
	return filewatch.Config{Paths: map[string][]string{"all": patterns}}
}

func TestChangesOfFiles(t *testing.T) {
	t.Parallel()
	r := watch(t, filewatch.Run, filewatch.Table, nil, paths("/X/%%"))
	r.write("a", "hello")
	if e := r.wait("UPDATED", "/a"); e.SHA256 != "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" || e.MD5 != "5d41402abc4b2a76b9719d911017c592" ||
		e.Hashed != 1 || e.Size != 5 || e.Mode != "0640" || e.Inode == 0 || e.UID != int64(os.Geteuid()) || !e.MTime.Valid || e.Category != "all" || e.Time == 0 {
		t.Errorf("%+v", e)
	}
	r.wait("CREATED", "/a")
	must(t, os.Chmod(filepath.Join(r.dir, "a"), 0o600))
	if e := r.wait("ATTRIBUTES_MODIFIED", "/a"); e.Hashed != 0 || e.SHA256 != "" {
		t.Errorf("%+v", e)
	}
	must(t, os.Rename(filepath.Join(r.dir, "a"), filepath.Join(r.dir, "b")))
	from, to := r.wait("MOVED_FROM", "/a"), r.wait("MOVED_TO", "/b")
	if from.TransactionID == 0 || from.TransactionID != to.TransactionID || to.Size != 5 || from.Size != 0 {
		t.Errorf("a renaming is %+v and %+v", from, to)
	}
	must(t, os.Remove(filepath.Join(r.dir, "b")))
	r.wait("DELETED", "/b")
}

// TestFileThatStaysOpenIsUpdated: a log is told of though nobody closes it, and once for many writes.
func TestFileThatStaysOpenIsUpdated(t *testing.T) {
	t.Parallel()
	r := watch(t, filewatch.Run, filewatch.Table, nil, paths("/X/%"))
	f, err := os.Create(filepath.Join(r.dir, "log"))
	must(t, err)
	defer f.Close()
	for range 100 {
		_, err := f.WriteString("line\n")
		must(t, err)
	}
	r.wait("UPDATED", "/log")
	count := 0
	for _, e := range r.events() {
		if e.Action == "UPDATED" {
			count++
		}
	}
	if count != 1 {
		t.Errorf("100 writes are %d updates", count)
	}
}

func TestDirectoriesThatComeAreWatched(t *testing.T) {
	t.Parallel()
	r := watch(t, filewatch.Run, filewatch.Table, nil, paths("/X/%%"))
	deep := filepath.Join(r.dir, "one", "two", "three")
	must(t, os.MkdirAll(deep, 0o750))
	r.write("one/two/three/early", "made at once, mostly before the directory is watched")
	r.wait("CREATED", "/one/two/three/early")
	r.write("one/two/three/late", "made afterwards")
	r.wait("UPDATED", "/one/two/three/late")
	seen := map[string]int{}
	for _, e := range r.events() {
		seen[e.Action+e.TargetPath]++
	}
	for what, times := range seen {
		if strings.HasPrefix(what, "CREATED") && times != 1 {
			t.Errorf("%s is told %d times", what, times)
		}
	}
	must(t, os.Rename(filepath.Join(r.dir, "one"), filepath.Join(r.dir, "uno")))
	r.wait("MOVED_TO", "/uno")
	r.write("uno/two/three/moved", "below a directory that was renamed")
	r.wait("CREATED", "/uno/two/three/moved")
}

// TestDirectoryThatIsNotThereYet: a pattern names directories that come later, go and come again.
func TestDirectoryThatIsNotThereYet(t *testing.T) {
	t.Parallel()
	r := watch(t, filewatch.Run, filewatch.Table, nil, paths("/X/opt/app/config", "/X/home/%/.ssh/%%"))
	r.write("unrelated", "not told of")
	for round := range 2 {
		must(t, os.MkdirAll(filepath.Join(r.dir, "opt/app"), 0o750), os.MkdirAll(filepath.Join(r.dir, "home/ann/.ssh"), 0o750))
		r.write("opt/app/config", fmt.Sprint("round", round))
		r.write("home/ann/.ssh/authorized_keys", fmt.Sprint("key", round))
		deadline := time.Now().Add(20 * time.Second)
		for len(slices.DeleteFunc(r.events(), func(e threat.FileEvent) bool { return e.Action != "CREATED" })) < 2*(round+1) {
			if time.Now().After(deadline) {
				t.Fatalf("round %d: %v", round, brief(r.events()))
			}
			<-time.After(10 * time.Millisecond)
		}
		must(t, os.RemoveAll(filepath.Join(r.dir, "opt")), os.RemoveAll(filepath.Join(r.dir, "home")))
		for len(slices.DeleteFunc(r.events(), func(e threat.FileEvent) bool { return e.Action != "DELETED" })) < 2*(round+1) {
			if time.Now().After(deadline) {
				t.Fatalf("round %d: %v", round, brief(r.events()))
			}
			<-time.After(10 * time.Millisecond)
		}
	}
	for _, e := range r.events() {
		if strings.Contains(e.TargetPath, "unrelated") {
			t.Errorf("told of %s", e.TargetPath)
		}
	}
}

func TestExclusionsAndAccesses(t *testing.T) {
	t.Parallel()
	c := filewatch.Config{
		Paths:    map[string][]string{"quiet": {"/X/%%"}, "read": {"/X/secret/%"}},
		Excludes: map[string][]string{"quiet": {"/X/cache/%%", "/X/%.tmp", "/X/secret/%%"}},
		Accesses: []string{"read"},
	}
	r := watch(t, filewatch.Run, filewatch.Table, func(dir string) {
		must(t, os.Mkdir(filepath.Join(dir, "cache"), 0o750), os.Mkdir(filepath.Join(dir, "secret"), 0o750), os.WriteFile(filepath.Join(dir, "secret/key"), []byte("k"), 0o600))
	}, c)
	r.write("cache/x", "excluded")
	r.write("x.tmp", "excluded")
	if _, err := os.ReadFile(filepath.Join(r.dir, "secret/key")); err != nil {
		t.Fatal(err)
	}
	r.wait("OPENED", "/secret/key")
	if e := r.wait("ACCESSED", "/secret/key"); e.Category != "read" || e.Hashed != 0 {
		t.Errorf("%+v", e)
	}
	r.write("last", "so all before it has come")
	r.wait("UPDATED", "/last")
	for _, e := range r.events() {
		if strings.HasPrefix(e.TargetPath, "/cache/") || strings.HasSuffix(e.TargetPath, ".tmp") {
			t.Errorf("told of %s", e.TargetPath)
		}
	}
}

// TestLinksAreNotFollowed: in a place that somebody else can write, a link neither has another directory watched nor another
// file hashed, a FIFO is not waited for, and a link to its own directory is no loop.
func TestLinksAreNotFollowed(t *testing.T) {
	t.Parallel()
	r := watch(t, filewatch.Run, filewatch.Table, func(dir string) {
		must(t, os.MkdirAll(filepath.Join(dir, "outside"), 0o750), os.MkdirAll(filepath.Join(dir, "home/eve"), 0o750),
			os.WriteFile(filepath.Join(dir, "outside/shadow"), []byte("secret"), 0o600),
			os.Symlink(filepath.Join(dir, "outside"), filepath.Join(dir, "home/eve/.ssh")))
	}, paths("/X/home/%/.ssh/%", "/X/home/%/%"))
	must(t, os.Symlink("..", filepath.Join(r.dir, "home/eve/loop")), os.Symlink("../../outside/shadow", filepath.Join(r.dir, "home/eve/file")))
	must(t, mkfifo(filepath.Join(r.dir, "home/eve/fifo")))
	r.write("outside/other", "through the link nobody looks")
	r.write("home/eve/last", "l")
	r.wait("UPDATED", "/home/eve/last")
	for _, file := range []string{"/home/eve/file", "/home/eve/fifo", "/home/eve/loop"} {
		if e := r.wait("CREATED", file); e.SHA256 != "" || e.Hashed == 1 {
			t.Errorf("%+v", e)
		}
	}
	for _, e := range r.events() {
		if strings.Contains(e.TargetPath, ".ssh/") || strings.Contains(e.TargetPath, "outside") {
			t.Errorf("told of %s", e.TargetPath)
		}
	}
	if s := r.status(filewatch.Table); s.Subscriptions != 2 || s.Reason != "" {
		t.Errorf("%+v", s) // home and home/eve
	}
}

// TestDirectoriesThatAreRenamedAtOnce: a directory is renamed before it can be watched. What happens in it afterwards is told by its
// new name.
func TestDirectoriesThatAreRenamedAtOnce(t *testing.T) {
	t.Parallel()
	r := watch(t, filewatch.Run, filewatch.Table, nil, paths("/X/%%"))
	const count = 50
	for i := range count {
		from, to := fmt.Sprintf("from%d", i), fmt.Sprintf("to%d", i)
		must(t, os.Mkdir(filepath.Join(r.dir, from), 0o750))
		r.write(from+"/early", "x")
		must(t, os.Rename(filepath.Join(r.dir, from), filepath.Join(r.dir, to)))
	}
	r.wait("MOVED_TO", fmt.Sprintf("/to%d", count-1))
	for i := range count {
		r.write(fmt.Sprintf("to%d/late", i), "x")
	}
	for i := range count {
		r.wait("UPDATED", fmt.Sprintf("/to%d/late", i))
	}
	for _, e := range r.events() {
		if strings.HasSuffix(e.TargetPath, "/late") && !strings.HasPrefix(e.TargetPath, "/to") {
			t.Errorf("%s is told by a name that its directory no longer has", e.TargetPath)
		}
	}
}
