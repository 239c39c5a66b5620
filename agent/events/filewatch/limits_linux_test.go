package filewatch

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/agent/events/buffer"
)

// limitedKernel watches at most so many directories, as inotify does.
type limitedKernel struct {
	limit int
	keys  map[string]bool
}

func (k *limitedKernel) add(dir int, _ interest) (string, error) {
	var st unix.Stat_t
	if err := unix.Fstat(dir, &st); err != nil {
		return "", err
	}
	key := strconv.FormatUint(st.Ino, 10)
	if !k.keys[key] && len(k.keys) >= k.limit {
		return "", fmt.Errorf("watch: %w", unix.ENOSPC)
	}
	k.keys[key] = true
	return key, nil
}

func (k *limitedKernel) remove(key string) { delete(k.keys, key) }

func limitedTree(t *testing.T, dir string, limit int) (*tree, *limitedKernel) {
	t.Helper()
	m, err := compile(Config{Paths: map[string][]string{"all": {dir + "/%%"}}})
	if err != nil {
		t.Fatal(err)
	}
	kernel := &limitedKernel{limit: limit, keys: map[string]bool{}}
	return newTree(m, kernel), kernel
}

func directories(t *testing.T, names ...string) (root string) {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if err := os.MkdirAll(filepath.Join(root, name), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// TestTheLimitOfWatchesIsToldAndOutlived holds that what can be watched is, that the reason says what to raise, and that the next look
// watches the rest.
func TestTheLimitOfWatchesIsToldAndOutlived(t *testing.T) {
	t.Parallel()
	tree, kernel := limitedTree(t, directories(t, "a", "b", "c", "d"), 3) // the directory itself and two in it
	tree.scan(nil)
	if watched, reason := tree.status(); watched != 3 || !strings.Contains(reason, "2 directories") || !strings.Contains(reason, "max_user_watches") {
		t.Errorf("%d are watched, reason %q", watched, reason)
	}
	kernel.limit = 100
	tree.scan(nil)
	if watched, reason := tree.status(); watched != 5 || reason != "" {
		t.Errorf("%d are watched after the limit was raised, reason %q", watched, reason)
	}
}

// TestAfterAnOverflowDirectoriesAreLookedAtAgain: which records the kernel threw away nobody knows. That some are lost is counted, and
// directories that came meanwhile are watched, their files told.
func TestAfterAnOverflowDirectoriesAreLookedAtAgain(t *testing.T) {
	t.Parallel()
	dir := directories(t, "old")
	tree, _ := limitedTree(t, dir, 100)
	to, err := buffer.Open(t.Context(), t.TempDir(), buffer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { to.Close() })
	f := &files{
		tree: tree, to: to, log: slog.New(slog.NewTextHandler(t.Output(), nil)), now: time.Now, found: make(chan finding, backlog),
		dirty: map[string]time.Time{}, listed: map[string]time.Time{},
	}
	f.tree.scan(nil)
	if err := os.MkdirAll(filepath.Join(dir, "new/deep"), 0o750); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "new/deep/file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	f.take(notification{watch: -1, mask: unix.IN_Q_OVERFLOW})
	if tree.byPath[filepath.Dir(file)] == "" {
		t.Errorf("the directory that came is not watched: %v", tree.byPath)
	}
	close(f.found)
	told := map[string]string{}
	for e := range f.found {
		told[e.file] = e.action
	}
	if told[file] != created {
		t.Errorf("told is %v", told)
	}
	list, err := to.EventTables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || list[0].Dropped != 1 || !strings.Contains(list[0].LastDrop, "max_queued_events") || list[0].Refreshes != 1 {
		t.Errorf("the state is %+v", list)
	}
}
