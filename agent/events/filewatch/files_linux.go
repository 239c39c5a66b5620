package filewatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/agent/events/buffer"
	"github.com/tenantra/tenantra/tables/threat"
)

// Publisher is the name of who tells of files.
const Publisher = "inotify"

// The actions, as osquery has them.
const (
	created    = "CREATED"
	updated    = "UPDATED"
	deleted    = "DELETED"
	movedFrom  = "MOVED_FROM"
	movedTo    = "MOVED_TO"
	attributes = "ATTRIBUTES_MODIFIED"
	opened     = "OPENED"
	accessed   = "ACCESSED"
)

const (
	// settle is how long a file that is written to without being closed is waited for until it counts as updated.
	settle = time.Second
	// dirtyMax is how many such files are waited for at once.
	dirtyMax = 10_000
	// backlog is how many events wait to be described. Beyond half of it files are not hashed, so that it empties.
	backlog = 4096
)

// Run records events of files until the context ends.
func Run(ctx context.Context, c Config, to *buffer.Buffer, log *slog.Logger) error {
	m, err := compile(c)
	if err != nil {
		return err
	}
	n, err := newInotify()
	if err != nil {
		return err
	}
	defer n.file.Close()
	f := &files{tree: newTree(m, n), notify: n, to: to, log: log, now: time.Now, found: make(chan finding, backlog), dirty: map[string]time.Time{}, listed: map[string]time.Time{}}
	f.tree.scan(nil)
	f.tell()
	g, running := errgroup.WithContext(ctx)
	// Closing the descriptor ends the read that waits on it.
	stop := context.AfterFunc(running, func() { n.file.Close() })
	defer stop()
	g.Go(func() error {
		defer close(f.found)
		return f.read(running)
	})
	g.Go(func() error { f.record(running); return nil })
	if err := g.Wait(); err != nil && ctx.Err() == nil {
		return err
	}
	return ctx.Err()
}

// files is the publisher of file_events.
type files struct {
	tree    *tree // of read's goroutine, but for describing
	notify  *inotify
	to      *buffer.Buffer
	log     *slog.Logger
	now     func() time.Time
	refresh int64

	found  chan finding
	dirty  map[string]time.Time // files written to and not closed yet, since when
	listed map[string]time.Time // files told of lately because their directory was listed, which the kernel may tell of too
	swept  time.Time            // when both were last looked through
}

// finding is an event that is not described yet.
type finding struct {
	file, action string
	cookie       uint32
	at           time.Time
}

func (f *files) tell() {
	subscriptions, reason := f.tree.status()
	f.to.SetStatus(Table, buffer.Status{Publisher: Publisher, Active: true, Reason: reason, Subscriptions: subscriptions, Refreshes: f.refresh})
}

// read takes the kernel's records.
func (f *files) read(ctx context.Context) error {
	data := make([]byte, 64<<10)
	for {
		if err := f.notify.file.SetReadDeadline(f.deadline()); err != nil {
			return ended(ctx, err)
		}
		n, err := f.notify.file.Read(data)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			f.sweep()
			continue
		}
		if err != nil {
			return ended(ctx, err)
		}
		watched, denied := len(f.tree.byKey), f.tree.denied
		parseNotifications(data[:n], f.take)
		f.sweep()
		if len(f.tree.byKey) != watched || f.tree.denied != denied {
			f.tell()
		}
	}
}

// ended is the context's error where that is why reading ended.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("read inotify: %w", err)
}

// deadline is when read has something to do though the kernel says nothing.
func (f *files) deadline() time.Time {
	if len(f.dirty) == 0 && len(f.listed) == 0 {
		return time.Time{}
	}
	return f.now().Add(settle / 4)
}

// sweep tells of files that were first written to long enough ago, and forgets which were listed.
func (f *files) sweep() {
	now := f.now()
	if now.Sub(f.swept) < settle/4 {
		return
	}
	f.swept = now
	for file, since := range f.dirty {
		if now.Sub(since) >= settle {
			delete(f.dirty, file)
			f.find(file, updated, 0)
		}
	}
	for file, at := range f.listed {
		if now.Sub(at) >= settle {
			delete(f.listed, file)
		}
	}
}

func (f *files) take(n notification) {
	if n.mask&unix.IN_Q_OVERFLOW != 0 {
		f.to.Dropped(Table, 1, "the kernel's queue of file events overflowed: an unknown number was lost; raise fs.inotify.max_queued_events")
		f.log.Warn("the kernel's queue of file events overflowed: the directories are looked at again")
		f.rescan()
		return
	}
	dir, known := f.tree.byKey[strconv.Itoa(int(n.watch))]
	if !known {
		return // of a directory that was forgotten a moment ago
	}
	if n.mask&(unix.IN_DELETE_SELF|unix.IN_MOVE_SELF|unix.IN_UNMOUNT|unix.IN_IGNORED) != 0 {
		f.tree.moved(dir)
		if f.tree.isStart(dir) {
			f.rescan()
		}
		return
	}
	if n.name == "" {
		return // of the directory itself: its own directory tells
	}
	file := path.Join(dir, n.name)
	if n.mask&unix.IN_ISDIR != 0 {
		f.takeDir(n, file)
	}
	f.takeEntry(n, file)
}

func (f *files) takeDir(n notification, dir string) {
	switch {
	case n.mask&(unix.IN_CREATE|unix.IN_MOVED_TO) != 0:
		f.tree.add(dir, func(file string) {
			f.listed[file] = f.now()
			f.find(file, created, 0)
		})
	case n.mask&unix.IN_DELETE != 0:
		f.tree.removed(dir)
	case n.mask&unix.IN_MOVED_FROM != 0:
		f.tree.moved(dir)
	}
}

// takeEntry tells of what happened to an entry.
func (f *files) takeEntry(n notification, file string) {
	if n.mask&(unix.IN_DELETE|unix.IN_MOVED_FROM) != 0 {
		delete(f.dirty, file)
		delete(f.listed, file) // the next of its name is another file
	}
	switch {
	case n.mask&unix.IN_CREATE != 0:
		if _, told := f.listed[file]; told {
			delete(f.listed, file)
			return
		}
		f.find(file, created, 0)
	case n.mask&unix.IN_MODIFY != 0:
		if _, waits := f.dirty[file]; waits || len(f.tree.matcher.categories(file)) == 0 {
			return
		}
		if len(f.dirty) < dirtyMax {
			f.dirty[file] = f.now()
		} else {
			f.find(file, updated, 0)
		}
	case n.mask&unix.IN_CLOSE_WRITE != 0:
		delete(f.dirty, file)
		f.find(file, updated, 0)
	case n.mask&unix.IN_DELETE != 0:
		f.find(file, deleted, 0)
	case n.mask&unix.IN_MOVED_FROM != 0:
		f.find(file, movedFrom, n.cookie)
	case n.mask&unix.IN_MOVED_TO != 0:
		f.find(file, movedTo, n.cookie)
	case n.mask&unix.IN_ATTRIB != 0:
		f.find(file, attributes, 0)
	case n.mask&unix.IN_OPEN != 0:
		f.find(file, opened, 0)
	case n.mask&unix.IN_ACCESS != 0:
		f.find(file, accessed, 0)
	}
}

// rescan looks at the directories again after the kernel lost sight of them.
func (f *files) rescan() {
	f.refresh++
	f.tree.scan(func(file string) {
		f.listed[file] = f.now()
		f.find(file, created, 0)
	})
	f.tell()
}

// find hands an event of a file of interest to record.
func (f *files) find(file, action string, cookie uint32) {
	if len(f.tree.matcher.categories(file)) == 0 {
		return
	}
	select {
	case f.found <- finding{file, action, cookie, f.now()}:
	default:
		f.to.Dropped(Table, 1, "file events came faster than they could be described")
	}
}

// record describes events and records them.
func (f *files) record(ctx context.Context) {
	for e := range f.found {
		for _, c := range f.tree.matcher.categories(e.file) {
			if (e.action == opened || e.action == accessed) && !c.accesses {
				continue
			}
			row := threat.FileEvent{TargetPath: e.file, Category: c.name, Action: e.action, TransactionID: int64(e.cookie), Time: e.at.Unix()}
			if e.action != deleted && e.action != movedFrom {
				changed := e.action == created || e.action == updated || e.action == movedTo
				// Hashing reads the file: where readings are recorded, that would be one.
				hash := changed && !c.accesses && len(f.found) < backlog/2
				f.tree.describe(ctx, e.file, &row, hash)
				if changed && !c.accesses && !hash {
					row.Hashed = -1
				}
			}
			f.to.Record(Table, e.at, &row)
		}
	}
}
