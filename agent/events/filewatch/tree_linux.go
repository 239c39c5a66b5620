package filewatch

import (
	"errors"
	"fmt"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	depthMax   = 64     // of directories below the start
	watchesMax = 50_000 // kernel memory is about 1 KiB a watch
	entriesMax = 50_000 // of one directory that are looked at
)

// watcher is the kernel's side: inotify or fanotify.
type watcher interface {
	// add watches an open directory and gives the key that its events carry.
	add(dir int, what interest) (key string, err error)
	remove(key string)
}

// tree keeps which directories are watched in step with what is there.
type tree struct {
	matcher matcher
	kernel  watcher

	byKey  map[string]string // path of the watched directory
	byPath map[string]string // key
	denied int               // directories that could not be watched
	reason string            // why the last of them could not
}

func newTree(m matcher, kernel watcher) *tree {
	return &tree{matcher: m, kernel: kernel, byKey: map[string]string{}, byPath: map[string]string{}}
}

// errNotHere is a directory that is gone, or no directory.
var errNotHere = errors.New("it is not there")

// openDir opens a directory for watching. Beyond the literal part of the patterns no link is followed, on none of the names:
// each is opened in the one before.
func (t *tree) openDir(dir string) (int, error) {
	const flags = unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC
	trusted, rest := dir, []string(nil)
	for !t.matcher.trusted(trusted) && trusted != "/" {
		rest = append([]string{path.Base(trusted)}, rest...)
		trusted = path.Dir(trusted)
	}
	fd, err := unix.Open(trusted, flags, 0)
	for _, name := range rest {
		if err != nil {
			break
		}
		var next int
		next, err = unix.Openat(fd, name, flags|unix.O_NOFOLLOW, 0)
		unix.Close(fd)
		fd = next
	}
	switch {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENOTDIR), errors.Is(err, unix.ELOOP):
		return -1, errNotHere
	case err != nil:
		return -1, err
	}
	return fd, nil
}

// scan watches everything that is to be watched now. Directories that were not known are listed, and announce is told of what
// lies in them; nil for none.
func (t *tree) scan(announce func(file string)) {
	t.denied, t.reason = 0, ""
	for _, start := range t.matcher.starts() {
		for dir := start; ; dir = path.Dir(dir) {
			if t.add(dir, announce) || dir == "/" {
				break // the deepest directory that is there; those of its names that are missing appear in it
			}
		}
	}
}

// add watches a directory and what of interest lies below it. It tells whether the directory is there.
func (t *tree) add(dir string, announce func(file string)) bool {
	there := false
	for queue := []string{dir}; len(queue) > 0; {
		next := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		what := t.matcher.interest(next)
		if what == nothing || strings.Count(next, "/")-strings.Count(dir, "/") > depthMax {
			continue
		}
		fd, err := t.openDir(next)
		if errors.Is(err, errNotHere) {
			continue
		}
		there = there || next == dir
		if err != nil {
			t.deny(next, err)
			continue
		}
		if pseudo(fd) {
			unix.Close(fd)
			continue
		}
		isNew, err := t.watch(fd, next, what)
		if err != nil {
			t.deny(next, err)
		}
		tell := announce
		if !isNew {
			tell = nil
		}
		queue = append(queue, t.list(fd, next, tell)...)
		unix.Close(fd)
	}
	return there
}

func (t *tree) deny(dir string, err error) {
	t.denied++
	switch {
	case errors.Is(err, unix.ENOSPC):
		t.reason = "the system's limit of watches is reached: raise fs.inotify.max_user_watches"
	case errors.Is(err, errTooMany):
		t.reason = fmt.Sprintf("more than %d directories are not watched: name fewer paths", watchesMax)
	default:
		t.reason = fmt.Sprintf("%s: %v", dir, err)
	}
}

var errTooMany = errors.New("too many directories")

// watch tells whether the directory was not watched before.
func (t *tree) watch(fd int, dir string, what interest) (isNew bool, err error) {
	if len(t.byKey) >= watchesMax && t.byPath[dir] == "" {
		return false, errTooMany
	}
	key, err := t.kernel.add(fd, what)
	if err != nil {
		return false, err
	}
	if old := t.byPath[dir]; old != "" && old != key { // another directory has come in its place
		delete(t.byKey, old)
		t.kernel.remove(old)
	}
	if before, known := t.byKey[key]; known && before != dir {
		delete(t.byPath, before) // it was moved, or is mounted twice
	}
	isNew = t.byKey[key] != dir
	t.byKey[key], t.byPath[dir] = dir, key
	return isNew, nil
}

// list gives the directories in a directory, and tells announce of its entries.
func (t *tree) list(fd int, dir string, announce func(file string)) (dirs []string) {
	// The O_PATH descriptor cannot be read; . in it is the same directory, whatever became of the path.
	readable, err := unix.Openat(fd, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	f := os.NewFile(uintptr(readable), dir)
	defer f.Close()
	for left := entriesMax; left > 0; {
		entries, err := f.ReadDir(min(left, 512))
		for _, e := range entries {
			file := path.Join(dir, e.Name())
			if announce != nil {
				announce(file)
			}
			if e.IsDir() { // a link to a directory is none
				dirs = append(dirs, file)
			}
		}
		left -= len(entries)
		if err != nil || len(entries) == 0 {
			break
		}
	}
	return dirs
}

// removed forgets a directory that was removed; it was empty.
func (t *tree) removed(dir string) {
	if key, known := t.byPath[dir]; known {
		delete(t.byPath, dir)
		delete(t.byKey, key)
		t.kernel.remove(key)
	}
}

// moved forgets a directory that was moved away, and all below it.
func (t *tree) moved(dir string) {
	for p := range t.byPath {
		if p == dir || strings.HasPrefix(p, dir+"/") {
			t.removed(p)
		}
	}
}

// isStart tells whether watching begins in a directory: if it goes, it is looked for again.
func (t *tree) isStart(dir string) bool {
	for _, start := range t.matcher.starts() {
		if start == dir || strings.HasPrefix(start, dir+"/") || dir == "/" {
			return true
		}
	}
	return false
}

// status is the watcher's for people.
func (t *tree) status() (subscriptions int64, reason string) {
	if t.denied > 0 {
		reason = fmt.Sprintf("%d directories are not watched: %s", t.denied, t.reason)
	}
	return int64(len(t.byKey)), reason
}

// pseudo tells whether a directory's file system only shows what the kernel knows: nothing happens there that these tables
// are for, and watching it whole takes thousands of watches.
func pseudo(fd int) bool {
	var fs unix.Statfs_t
	if err := unix.Fstatfs(fd, &fs); err != nil {
		return false
	}
	switch int64(fs.Type) { //nolint:unconvert // its size differs by architecture
	case unix.PROC_SUPER_MAGIC, unix.SYSFS_MAGIC, unix.CGROUP_SUPER_MAGIC, unix.CGROUP2_SUPER_MAGIC, unix.DEBUGFS_MAGIC, unix.TRACEFS_MAGIC,
		unix.SECURITYFS_MAGIC, unix.BPF_FS_MAGIC, unix.DEVPTS_SUPER_MAGIC:
		return true
	}
	return false
}
